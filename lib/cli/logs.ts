import { fault } from '../aws/faults.ts';
import { logsDeployed } from './logs-deployed.ts';
import { logsLocal } from './logs-local.ts';
import type { LogsRequest } from './logs-shown.ts';
import { aPipeline, environmentOption, verb } from './options.ts';
import type { Finish, Terminal } from './terminal.ts';

type Options = Omit<LogsRequest, 'pipeline' | 'task'> & { env?: string };

export const logsCommand = (terminal: Terminal, finish: Finish) =>
  verb('logs', 'show the log of a run in order of time, or the query plan of a task')
    .argument('<pipeline>', aPipeline)
    .argument('[task]', 'only lines of this task')
    .addOption(environmentOption())
    .option('--run <run>', 'name of a run; by default the newest')
    .option('--follow', 'print new lines until the run ends; needs --env')
    .option('--plan', 'print the physical query plan of the task')
    .option('--full', 'with --plan: print the logical plans too')
    .action(async (pipeline: string, task: string | undefined, options: Options) => {
      const request: LogsRequest = { ...options, pipeline, ...(task !== undefined && { task }) };
      if (options.plan && task === undefined) {
        throw fault('MR518', pipeline, '--plan needs a task', `name one: \`millrace logs ${pipeline} TASK --plan\``, 2);
      }
      if (options.full && !options.plan) {
        const hint = `\`millrace logs ${pipeline} ${task ?? 'TASK'} --plan --full\``;
        throw fault('MR706', 'millrace logs', '--full needs --plan', hint, 2);
      }
      if (options.env === undefined) await logsLocal(request, terminal);
      else await logsDeployed({ ...request, env: options.env }, terminal);
      finish(0);
    });
