import { fault } from '../aws/faults.ts';
import { loadPlan, pipelineNamed } from '../local/load.ts';
import { Root } from '../local/root.ts';
import { engineLines, queryPlans, runsWithWork } from '../local/run-logs.ts';
import { type LogsRequest, linesShown, noQueryPlan, noRuns, shownPlan, taskNamed } from './logs-shown.ts';
import type { Terminal } from './terminal.ts';

/** What the engine wrote during a run on this machine, or the query plan of a task. */
export async function logsLocal(request: LogsRequest, terminal: Terminal): Promise<void> {
  const { pipeline: given, task } = request;
  const pipeline = await pipelineNamed(given);
  const root = new Root(request.root);
  if (request.follow) {
    const hint = `add --env, or watch \`millrace run ${given}\` itself`;
    throw fault('MR519', pipeline, '--follow works only with --env', hint, 2);
  }
  const known = await runsWithWork(root, pipeline);
  const runs = request.run === undefined ? known : known.filter((run) => run === request.run);
  if (runs.length === 0) {
    await loadPlan(given);
    const place = `${pipeline} in ${root.folder}`;
    if (known.length === 0) return noRuns(request, { pipeline }, `millrace run ${given}`, place, terminal);
    const hint = `the last runs: ${known.slice(0, 5).join(', ')}`;
    throw fault('MR702', place, `there is no run ${request.run}`, hint, 2);
  }
  if (request.plan && task !== undefined) {
    for (const run of runs) {
      const text = (await queryPlans(root, pipeline, run)).get(task);
      if (text === undefined) continue;
      terminal.err.write(`${run}\n`);
      terminal.out.write(shownPlan(text, request));
      return;
    }
    throw noQueryPlan(await loadPlan(given), task, pipeline);
  }
  if (task !== undefined) taskNamed(await loadPlan(given), task, pipeline);
  const run = runs[0]!;
  linesShown(request, { pipeline, run }, terminal).all(await engineLines(root, pipeline, run));
}
