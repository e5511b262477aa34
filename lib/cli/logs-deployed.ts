import { setTimeout as sleep } from 'node:timers/promises';
import { fault, onAws } from '../aws/faults.ts';
import { openPipeline } from '../deployed/connect.ts';
import { followLogs, logGroups, logLines } from '../deployed/logs.ts';
import { type LogsRequest, linesShown, noQueryPlan, noRuns, shownPlan, taskNamed } from './logs-shown.ts';
import { environmentOf, type Terminal } from './terminal.ts';

const lookEvery = 3000;

/** Number of recent runs to search for the newest one that executed a task. */
const recentRuns = 20;

/** The logs, or the query plan of a task, of a deployed pipeline. */
export async function logsDeployed(request: LogsRequest & { env: string }, terminal: Terminal): Promise<void> {
  const { pipeline, task, env } = request;
  const place = `${pipeline} in ${env}`;
  const environment = environmentOf(terminal, env);
  await onAws(place, async () => {
    const { deployed, ports, logs } = await openPipeline(environment, pipeline);
    const runs = request.run === undefined ? (await ports.executions(recentRuns)).map(({ run }) => run) : [request.run];
    if (runs.length === 0) {
      return noRuns(request, { pipeline, environment: env }, `millrace run ${pipeline} --env ${env}`, place, terminal);
    }
    if (request.run !== undefined && (await ports.execution(request.run)) === undefined) {
      const hint = `\`millrace status ${pipeline} --env ${env}\` lists the last runs`;
      throw fault('MR702', place, `there is no run ${request.run}`, hint, 2);
    }
    if (request.plan && task !== undefined) {
      const { queryPlan } = await import('../deployed/query-plan.ts');
      for (const run of runs) {
        const text = await queryPlan(deployed, run, task);
        if (text === undefined) continue;
        terminal.err.write(`${run}\n`);
        terminal.out.write(shownPlan(text, request));
        return;
      }
      throw noQueryPlan(await ports.plan(), task, place);
    }
    if (task !== undefined) taskNamed(await ports.plan(), task, place);
    const run = runs[0]!;
    const question = { run, groups: logGroups(deployed), ports, logs, now: Date.now };
    const shown = linesShown(request, { pipeline, environment: env, run }, terminal);
    if (request.follow) {
      await followLogs(question, shown.line, () => sleep(lookEvery).then(() => undefined), 5000);
      return;
    }
    shown.all(await logLines(question));
  });
}
