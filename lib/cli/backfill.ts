import { onAws } from '../aws/faults.ts';
import { openPipeline } from '../deployed/connect.ts';
import { parameterOption, requiredEnvironmentOption, verb } from './options.ts';
import { exitCodes } from './run.ts';
import { watched } from './run-deployed.ts';
import { issuesOf, summary, warningsOf } from './run-summary.ts';
import { type CommonOptions, counted, environmentOf, type Finish, printJson, type Terminal } from './terminal.ts';

interface Options extends CommonOptions {
  env: string;
  source: string;
  file?: string[];
  param: Record<string, string>;
}

export const backfillCommand = (terminal: Terminal, finish: Finish) =>
  verb('backfill', 'read inputs of a deployed pipeline again and replace their rows')
    .argument('<pipeline>', 'name of a pipeline')
    .addOption(requiredEnvironmentOption())
    .requiredOption('--source <name>', 'the source to read again')
    .option(
      '--file <path...>',
      'only these files; paths are relative to the data folder, e.g. customers/part-00000.csv',
    )
    .addOption(parameterOption())
    .action(async (name: string, options: Options) => {
      const environment = environmentOf(terminal, options.env);
      await onAws(`${name} in ${options.env}`, async () => {
        const opened = await openPipeline(environment, name);
        const forgotten = await opened.ports.rewind(options.source, options.file);
        terminal.err.write(`${counted(forgotten, 'input')} of ${options.source} will be read again\n`);
        const document = await watched(opened, options.param, options, terminal);
        if (options.json) printJson(terminal, { source: options.source, forgotten, run: document });
        else terminal.out.write(summary(document, terminal));
        terminal.err.write(warningsOf(document, terminal));
        terminal.err.write(issuesOf(document, terminal));
        finish(exitCodes[document.status]);
      });
    });
