import { Option } from 'commander';
import type { RunDocument } from '../documents/run-document.ts';
import type { RunEvent } from '../local/events.ts';
import { loadPlan } from '../local/load.ts';
import type { Engine } from '../local/python.ts';
import { Root } from '../local/root.ts';
import { runPipeline } from '../local/run.ts';
import { renderIssues, renderWarnings } from './issues.ts';
import { driftLine } from './live-models.ts';
import { dropMissingOption, engineOption, environmentOption, forceOption, parameterOption, verb } from './options.ts';
import { runDeployed } from './run-deployed.ts';
import { rendererFor } from './run-renderers.ts';
import {
  type CommonOptions,
  type Finish,
  plural,
  printJson,
  seconds,
  styleFor,
  type Terminal,
  thousands,
} from './terminal.ts';

interface Options extends CommonOptions {
  data?: string;
  engine: Engine;
  env?: string;
  param: Record<string, string>;
  force?: string[];
  dropMissing?: boolean;
}

export const exitCodes: Record<RunDocument['status'], number> = {
  succeeded: 0,
  'nothing to do': 0,
  failed: 1,
  held: 3,
};

export const runCommand = (terminal: Terminal, finish: Finish) =>
  verb('run', 'run a pipeline, here or where it is deployed: whatever is new or changed, nothing else', {
    writes: true,
  })
    .argument('<pipeline>', 'a folder in pipelines/, or a path')
    // A deployed pipeline reads its own bucket, on its own engine.
    .addOption(new Option('--data <dir>', 'the folder of input files').conflicts('env'))
    .addOption(engineOption().conflicts('env'))
    .addOption(environmentOption())
    .addOption(parameterOption())
    .addOption(forceOption())
    .addOption(dropMissingOption())
    .action(async (name: string, options: Options) => {
      if (options.env !== undefined) {
        return told(await runDeployed(name, { ...options, env: options.env }, terminal), options, terminal, finish);
      }
      const interrupted = new AbortController();
      const interrupt = () => interrupted.abort(new Error('interrupted'));
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      try {
        const plan = await loadPlan(name);
        const renderer = rendererFor(terminal.err, options.json);
        const document = await runPipeline({
          plan,
          root: new Root(options.root),
          engine: options.engine,
          data: options.data,
          parameters: options.param,
          ...(options.force && { force: options.force }),
          dropMissing: options.dropMissing === true,
          emit: (event: RunEvent) => renderer.on(event),
          signal: interrupted.signal,
        });
        await renderer.end();
        told(document, options, terminal, finish);
      } finally {
        process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      }
    });

function told(document: RunDocument, { json }: CommonOptions, terminal: Terminal, finish: Finish): void {
  if (json) printJson(terminal, document);
  else terminal.out.write(summary(document, terminal));
  terminal.err.write(renderWarnings(document.warnings ?? []));
  terminal.err.write(document.tasks.flatMap(taskWarnings).join(''));
  terminal.err.write(renderIssues(document.issues));
  finish(exitCodes[document.status]);
}

/** What a task warns of, and what it did not judge. */
function taskWarnings({ task, warnings, unjudged = [] }: RunDocument['tasks'][number]): string[] {
  return [
    ...warnings.map((warning) => `warning  ${task}  ${warning}\n`),
    ...unjudged.map((expectation) => `not judged  ${task}  ${expectation}: the run has no new row for it\n`),
  ];
}

export function summary(run: RunDocument, terminal: Terminal): string {
  const style = styleFor(terminal.out);
  const learned = run.skipped.filter(({ why }) => why.startsWith('nothing new to learn'));
  const same = learned.map(({ task, why }) => `${task}: ${why}\n`).join('');
  if (run.status === 'nothing to do') {
    return `nothing to do: no new input, no change (${seconds(run.seconds)})\n${same}`;
  }
  const colour = run.status === 'succeeded' ? 'green' : run.status === 'held' ? 'yellow' : 'red';
  const lines = [
    `${style(colour, run.status)}  ${run.run}  ${seconds(run.seconds)}  ${plural(run.tasks.length, 'task')}`,
  ];
  for (const model of run.models) {
    const of = run.bayes_auc === undefined ? '' : ` (the best possible on these data is ${run.bayes_auc.toFixed(4)})`;
    lines.push(
      `model ${model.name} v${model.version}  AUC ${model.auc.toFixed(4)}${of}  ${model.verdict}: ${model.reason}`,
    );
  }
  const ingested = run.tasks.filter((t) => t.kind === 'ingest');
  const read = ingested.reduce((sum, t) => sum + t.read, 0);
  const quarantined = run.tasks.reduce((sum, t) => sum + Object.values(t.quarantined).reduce((a, b) => a + b, 0), 0);
  if (ingested.length > 0) {
    lines.push(`${thousands(read)} input rows, every one accounted for; ${thousands(quarantined)} in quarantine`);
  } else if (quarantined > 0) lines.push(`${plural(quarantined, 'row')} in quarantine`);
  const warnings = (run.warnings ?? []).length + run.tasks.reduce((sum, task) => sum + task.warnings.length, 0);
  if (warnings > 0) lines.push(style('yellow', plural(warnings, 'warning')));
  if (run.report !== undefined) lines.push(`report  ${run.report}`);
  const drift = (run.drift ?? []).map((each) => driftLine(each.model, each.drift)).join('');
  return `${lines.join('\n')}\n${same}${drift}`;
}
