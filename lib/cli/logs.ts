import { setTimeout as sleep } from 'node:timers/promises';
import { environments } from '../../environments.ts';
import { fault, onAws } from '../cloud/faults.ts';
import { followLogs, logGroups, logLines } from '../cloud/logs.ts';
import { openPipeline } from '../cloud/open.ts';
import type { LogLine } from '../cloud/ports.ts';
import { environmentNamed } from '../stacks/environment.ts';
import { requiredEnvironmentOption, verb } from './options.ts';
import { type CommonOptions, type Finish, printJson, styleFor, type Terminal } from './terminal.ts';

interface Options extends CommonOptions {
  env: string;
  run?: string;
  follow?: boolean;
}

const lookEvery = 3000;

export const logsCommand = (terminal: Terminal, finish: Finish) =>
  verb('logs', 'show what the parts of a deployed pipeline wrote during a run, in order of time')
    .argument('<pipeline>', 'name of a pipeline')
    .addOption(requiredEnvironmentOption())
    .option('--run <run>', 'which run; the newest unless told')
    .option('--follow', 'go on until the run ends')
    .action(async (name: string, options: Options) => {
      const environment = environmentNamed(environments, options.env);
      await onAws(`${name} in ${options.env}`, async () => {
        const { deployed, ports, logs } = await openPipeline(environment, name);
        const run = options.run ?? (await ports.executions(1))[0]?.run;
        const place = `${name} in ${options.env}`;
        if (run === undefined) {
          throw fault('MR702', place, 'it has not run yet', `run \`millrace run ${name} --env ${options.env}\``);
        }
        if ((await ports.execution(run)) === undefined) {
          const hint = `\`millrace status ${name} --env ${options.env}\` lists the last runs`;
          throw fault('MR702', place, `there is no run ${run}`, hint, 2);
        }
        const question = { run, groups: logGroups(deployed), ports, logs, now: Date.now };
        const style = styleFor(terminal.out);
        const show = (line: LogLine) => {
          if (options.json) terminal.out.write(`${JSON.stringify(line)}\n`);
          else
            terminal.out.write(
              `${style('dim', line.at.slice(11, 23))}  ${style('cyan', line.part.padEnd(9))}  ${line.text}\n`,
            );
        };
        if (options.follow) await followLogs(question, show, () => sleep(lookEvery).then(() => undefined), 5000);
        else {
          const lines = await logLines(question);
          if (options.json) printJson(terminal, { pipeline: name, environment: options.env, run, lines });
          else for (const line of lines) show(line);
          if (lines.length === 0) terminal.err.write(`${run} has written nothing yet\n`);
        }
      });
      finish(0);
    });
