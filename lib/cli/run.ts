import { Option } from 'commander';
import type { RunDocument } from '../documents/run-document.ts';
import type { RunEvent } from '../local/events.ts';
import { loadPlan } from '../local/load.ts';
import type { Engine } from '../local/python.ts';
import { Root } from '../local/root.ts';
import { runPipeline } from '../local/run.ts';
import {
  aPipeline,
  dropMissingOption,
  engineOption,
  environmentOption,
  forceOption,
  parameterOption,
  verb,
} from './options.ts';
import { runDeployed } from './run-deployed.ts';
import { rendererFor } from './run-renderers.ts';
import { issuesOf, summary, warningsOf } from './run-summary.ts';
import { type CommonOptions, type Finish, printJson, type Terminal } from './terminal.ts';

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
  verb('run', 'run a pipeline, on this machine or deployed: only tasks with new input or changes', {
    writes: true,
  })
    .argument('<pipeline>', aPipeline)
    // `notWithEnvironment` says why.
    .addOption(new Option('--data <dir>', 'the folder of input files').conflicts('env'))
    .addOption(engineOption().conflicts('env'))
    .addOption(environmentOption())
    .addOption(parameterOption())
    .addOption(forceOption())
    .addOption(dropMissingOption())
    .action(async (name: string, options: Options) => {
      if (options.env !== undefined) {
        return answer(await runDeployed(name, { ...options, env: options.env }, terminal), options, terminal, finish);
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
        answer(document, options, terminal, finish);
      } finally {
        process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      }
    });

function answer(document: RunDocument, { json }: CommonOptions, terminal: Terminal, finish: Finish): void {
  if (json) printJson(terminal, document);
  else terminal.out.write(summary(document, terminal));
  terminal.err.write(warningsOf(document, terminal));
  terminal.err.write(issuesOf(document, terminal));
  finish(exitCodes[document.status]);
}
