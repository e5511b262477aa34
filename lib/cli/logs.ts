import { fault } from '../aws/faults.ts';
import { logsDeployed } from './logs-deployed.ts';
import { logsLocal } from './logs-local.ts';
import type { LogsAsked } from './logs-shown.ts';
import { aPipeline, environmentOption, verb } from './options.ts';
import type { Finish, Terminal } from './terminal.ts';

type Options = Omit<LogsAsked, 'pipeline' | 'task'> & { env?: string };

export const logsCommand = (terminal: Terminal, finish: Finish) =>
  verb('logs', 'show what was written during a run, in order of time, or the query plan of a task')
    .argument('<pipeline>', aPipeline)
    .argument('[task]', 'only what is of this task')
    .addOption(environmentOption())
    .option('--run <run>', 'which run; the newest unless told')
    .option('--follow', 'go on until the run ends; with --env')
    .option('--plan', 'the query plan of the task, as the engine explained it')
    .action(async (pipeline: string, task: string | undefined, options: Options) => {
      const asked: LogsAsked = { ...options, pipeline, ...(task !== undefined && { task }) };
      if (options.plan && task === undefined) {
        throw fault('MR518', pipeline, '--plan is of a task', `name one: \`millrace logs ${pipeline} TASK --plan\``, 2);
      }
      if (options.env === undefined) await logsLocal(asked, terminal);
      else await logsDeployed({ ...asked, env: options.env }, terminal);
      finish(0);
    });
