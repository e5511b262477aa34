import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import type { TaskResult } from '../documents/run-document.ts';
import type { RunEvent } from '../local/events.ts';
import { verdictWords } from './live-models.ts';
import { counted, type Stream, seconds, thousands } from './terminal.ts';

export interface Renderer {
  on(event: RunEvent): void;
  end(): Promise<void>;
}

/** The minimum width for a tree; some terminals report zero columns. */
const leastColumns = 40;

/** Whether to draw a tree: on an interactive terminal, not in CI or for `--json`. */
export const isWatched = (stream: Stream, json = false) =>
  stream.isTTY === true && (stream.columns ?? 80) >= leastColumns && !json && !process.env['CI'];

export const rendererFor = (stream: Stream, json?: boolean): Renderer =>
  isWatched(stream, json) ? treeRenderer() : lineRenderer(stream);

/** One line per event, for CI and files. */
function lineRenderer(stream: Stream): Renderer {
  const say = (text: string) => stream.write(`${text}\n`);
  return {
    on(event) {
      switch (event.type) {
        case 'run.start':
          say(`${event.run}  ${counted(event.tasks.length, 'task')} to do, ${event.skipped} up to date`);
          return;
        case 'task.start':
          say(`  ${event.task} ...`);
          return;
        case 'task.done':
          say(`  ${event.result.task}  ${account(event.result)}  ${seconds(event.result.seconds)}`);
          return;
        case 'task.failed':
          say(`  ${event.task}  FAILED`);
          return;
        case 'retry':
          say(`  ${event.state} failed (${event.error}), attempt ${event.attempt + 1} follows`);
          return;
        case 'verdict':
          // The summary gives the reason.
          say(`  model ${event.model} v${event.version}  ${verdictWords[event.verdict]}`);
          return;
        case 'run.done':
          return;
        default:
          event satisfies never;
      }
    },
    end: async () => undefined,
  };
}

interface Running {
  settle: (failed: boolean) => void;
  wrapper?: { title: string | undefined };
}

/** A tree of the tasks on a terminal, with rows and elapsed time. */
function treeRenderer(): Renderer {
  const running = new Map<string, Running>();
  let ticking: NodeJS.Timeout | undefined;
  let rendering: Promise<unknown> = Promise.resolve();
  const finish = (task: string, title: string, failed: boolean) => {
    clearInterval(ticking);
    const entry = running.get(task);
    if (entry?.wrapper !== undefined) entry.wrapper.title = title;
    entry?.settle(failed);
    running.delete(task);
  };
  const start = (tasks: readonly { task: string; why: string }[]) => {
    const list = new Listr(
      tasks.map(({ task, why }) => {
        const entry: Running = { settle: () => undefined };
        const done = new Promise<void>((resolve, reject) => {
          entry.settle = (failed) => (failed ? reject(new Error('failed')) : resolve());
        });
        done.catch(() => undefined);
        running.set(task, entry);
        return {
          title: `${task}  ${why}`,
          task: (_: unknown, wrapper: { title: string | undefined }) => {
            entry.wrapper = wrapper;
            return done;
          },
        };
      }),
      {
        concurrent: false,
        exitOnError: true,
        renderer: 'default',
        rendererOptions: {
          collapseErrors: false,
          showErrorMessage: false,
          // Results go to stdout, progress to stderr.
          logger: new ListrLogger({
            useIcons: true,
            processOutput: new ProcessOutput(process.stderr as unknown as NodeJS.WriteStream, process.stderr),
          }),
        },
      },
    );
    rendering = list.run().catch(() => undefined);
  };
  return {
    on(event) {
      if (event.type === 'run.start') start(event.tasks);
      if (event.type === 'task.start') {
        const started = Date.now();
        const { wrapper } = running.get(event.task) ?? {};
        clearInterval(ticking);
        ticking = setInterval(() => {
          if (wrapper !== undefined) wrapper.title = `${event.task}  ${seconds((Date.now() - started) / 1000)}`;
        }, 500);
        ticking.unref();
      }
      if (event.type === 'task.done') {
        const { result } = event;
        finish(result.task, `${result.task}  ${account(result)}  ${seconds(result.seconds)}`, false);
      }
      if (event.type === 'task.failed') finish(event.task, event.task, true);
      // Tasks that have not run by now never will.
      if (event.type === 'run.done')
        for (const task of [...running.keys()])
          finish(task, `${task}  did not run`, event.document.status !== 'succeeded');
    },
    end: async () => {
      await rendering;
    },
  };
}

/** `1,000 read: 990 written, 10 quarantined`. */
function account(result: TaskResult): string {
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
  const parts: [number, string][] = [
    [result.written, 'written'],
    [sum(result.aggregated), `into ${Object.keys(result.aggregated).join(', ')}`],
    [result.deduplicated, 'deduplicated'],
    [sum(result.filtered), 'filtered'],
    [sum(result.quarantined), 'quarantined'],
  ];
  const placed = parts.filter(([n]) => n > 0).map(([n, what]) => `${thousands(n)} ${what}`);
  const warned = result.warnings.length;
  if (warned > 0) placed.push(counted(warned, 'warning'));
  return `${thousands(result.read)} read${placed.length > 0 ? `: ${placed.join(', ')}` : ''}`;
}
