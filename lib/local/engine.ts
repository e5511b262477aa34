import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { foundIssue, issueSchema } from '../documents/run-document.ts';
import { taskOutcome } from '../documents/task-outcome.ts';
import { type Engine, pythonOf } from './python.ts';
import { projectFolder } from './root.ts';

/** The engine prints one JSON document per line. Each also has these fields, for logs of several runs. */
const common = new Set(['run', 'stage', 'host', 'at']);
const staged = new Set<unknown>(['stage.start', 'task.done']);

const done = taskOutcome.extend({ event: z.literal('task.done') });

const engineEvent = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('stage.start'), stage: z.string(), seconds: z.number() }),
  z.strictObject({
    event: z.literal('task.start'),
    task: z.string(),
    kind: z.string(),
    mode: z.string(),
    why: z.string(),
  }),
  done,
  z.strictObject({ event: z.literal('task.failed'), task: z.string(), issues: z.array(issueSchema) }),
  z.strictObject({
    event: z.literal('check.done'),
    warnings: z.array(issueSchema).optional(),
    issues: z.array(foundIssue),
  }),
]);

export type EngineEvent = z.infer<typeof engineEvent>;
export type TaskDone = z.infer<typeof done>;

export interface EngineExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last lines of stderr, for failures that are not user errors. */
  tail: string;
}

/**
 * Runs the engine once and passes on its events in order. Its whole output goes to `logFile`. Resolves when the process ends; an abort
 * of `signal` kills it.
 */
export async function runEngine(
  engine: Engine,
  args: readonly string[],
  logFile: string | undefined,
  onEvent: (event: EngineEvent) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<EngineExit> {
  const python = await pythonOf(engine);
  const main = path.join(projectFolder, 'glue-scripts', 'main.py');
  const child: ChildProcess = spawn(python, [main, ...onEngine(engine, args)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      MILLRACE_WATCH_STDIN: '1',
      PYTHONUNBUFFERED: '1',
      RUST_LOG: process.env['RUST_LOG'] ?? 'error',
    },
  });
  const abort = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', abort, { once: true });
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a' });
  // If the log cannot be written, for example on a full disk, the run must continue.
  log?.on('error', () => undefined);
  let tail = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    log?.write(text);
    tail = (tail + text).slice(-4000);
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, by) => resolve({ code, signal: by }));
  });
  try {
    for await (const line of createInterface({ input: child.stdout! })) {
      log?.write(`${line}\n`);
      const event = parsed(line);
      if (event !== undefined) await onEvent(event);
    }
    return { ...(await ended), tail };
  } finally {
    signal?.removeEventListener('abort', abort);
    log?.end();
  }
}

/** Replaces the compute kind in the state machine's arguments with this machine's engine. */
function onEngine(engine: Engine, args: readonly string[]): string[] {
  const at = args.indexOf('--engine');
  return at < 0 ? [...args, '--engine', engine] : args.with(at + 1, engine);
}

/** Parses an event; any other line, for example of a library, is a log line. */
function parsed(line: string): EngineEvent | undefined {
  if (!line.startsWith('{"event":')) return undefined;
  const { event, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const specific = Object.entries(fields).filter(
    ([name]) => !common.has(name) || (name === 'stage' && staged.has(event)),
  );
  return engineEvent.parse({ event, ...Object.fromEntries(specific) });
}
