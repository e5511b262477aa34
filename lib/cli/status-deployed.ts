import { onAws } from '../aws/faults.ts';
import { kindOf } from '../compute/compute.ts';
import type { Actual } from '../cost/actual.ts';
import type { InstanceHours } from '../deployed/cluster-hours.ts';
import { openPipeline } from '../deployed/connect.ts';
import type { Deployed } from '../deployed/deployed-pipeline.ts';
import { logGroups } from '../deployed/logs.ts';
import type { Step } from '../deployed/ports.ts';
import { type CloudStatus, cloudStatus } from '../deployed/status.ts';
import { Root } from '../local/root.ts';
import type { Plan } from '../plan/schema.ts';
import { runsStopped } from '../runs/faults.ts';
import { renderIssues } from './issues.ts';
import { keptRuns } from './kept-runs.ts';
import { driftLine, liveLine } from './live-models.ts';
import { modelLine } from './model-tables.ts';
import { quarantinedIn, readsTable, warningsOf } from './run-summary.ts';
import { type ClusterHours, clusterHoursOn, clusterLine, spentLine, spentOn } from './spent.ts';
import { columns, counted, environmentOf, printJson, seconds, type Terminal } from './terminal.ts';

/** Shows the status of a deployed pipeline. */
export async function statusDeployed(
  name: string,
  options: { env: string; json?: boolean; root: string },
  terminal: Terminal,
): Promise<void> {
  const environment = environmentOf(terminal, options.env);
  await onAws(`${name} in ${options.env}`, async () => {
    const { deployed, ports } = await openPipeline(environment, name);
    const plan = await ports.plan();
    const status = await cloudStatus(plan, ports);
    const { document } = status.last ?? {};
    const { runs: here } = await keptRuns(new Root(options.root), name);
    const steps = document === undefined ? [] : await ports.steps(document.run);
    const spent = document && spentOn(document, plan, steps, environment, here);
    const byType = await hoursOfClusters(plan, steps, environment.region);
    const clusters = document && byType && clusterHoursOn(document, plan, byType, environment, here);
    if (options.json) {
      const more = { spent: spent ?? null, clusters: clusters ?? null, log: logOf(status, deployed) ?? null };
      printJson(terminal, { environment: options.env, ...status, ...more });
    } else terminal.out.write(described(status, deployed, spent, clusters));
    if (document !== undefined) terminal.err.write(warningsOf(document, terminal));
  });
}

/** Undefined if the run started no cluster, or if EMR does not answer; the rest of the status is still useful. */
async function hoursOfClusters(plan: Plan, steps: readonly Step[], region: string): Promise<InstanceHours | undefined> {
  if (plan.stages.every((stage) => kindOf(stage).used.clusterMade === undefined)) return undefined;
  const { startedClusters, instanceHours } = await import('../deployed/cluster-hours.ts');
  const clusters = startedClusters(plan, steps);
  return clusters.length === 0 ? undefined : instanceHours(region, clusters, new Date()).catch(() => undefined);
}

function described(
  status: CloudStatus,
  deployed: Deployed,
  spent: Actual | undefined,
  clusters: ClusterHours | undefined,
): string {
  const { pipeline, last, runs, bookmarks, models } = status;
  const { environment, account } = deployed;
  const lines = [`${pipeline} in ${environment.name} (${account}, ${environment.region})\n`];
  if (status.stopped !== null) lines.push(renderIssues([runsStopped(status.stopped, pipeline)]));
  if (last === undefined) {
    lines.push(`it has not run yet\n  try   millrace run ${pipeline} --env ${environment.name}\n`);
  } else lines.push(lastRun(status, deployed));
  if (spent !== undefined) lines.push(spentLine(spent));
  if (clusters !== undefined) lines.push(clusterLine(clusters));
  if (runs.length > 1) {
    const rows = runs.map(({ run, status: how, startedAt }) => [run, how.toLowerCase(), startedAt]);
    lines.push('\n', columns([['run', 'status', 'started'], ...rows]));
  }
  const { claim } = bookmarks;
  const held = claim === null ? 'free' : `held by ${claim.run} since ${claim.at}`;
  lines.push(
    `\nbookmarks  revision ${bookmarks.revision}  ${counted(bookmarks.sequence, 'run')} with work so far  ${held}\n`,
  );
  // During a run, all tasks of its work order are in doubt, so the list would only confuse.
  if (claim === null) {
    const doubtful = Object.keys(bookmarks.inDoubt);
    if (doubtful.length > 0) lines.push(`in doubt, so the next run does them again: ${doubtful.join(', ')}\n`);
  }
  for (const { model, live } of models) lines.push(liveLine(model, live));
  for (const { task, why } of last?.document.skipped ?? []) {
    if (why.startsWith('nothing new to learn')) lines.push(`${task}: ${why}\n`);
  }
  for (const { model, drift } of last?.document.drift ?? []) lines.push(driftLine(model, drift));
  return lines.join('');
}

function lastRun(status: CloudStatus, deployed: Deployed): string {
  const { document, running, failure } = status.last!;
  const took = running ? 'running' : `${document.status}  ${seconds(document.seconds)}`;
  const parts = [`${document.run}  ${took}  ${document.started_at}  ${counted(document.tasks.length, 'task')} done\n`];
  for (const model of document.models) parts.push(`${modelLine(model)}\n`);
  const quarantined = quarantinedIn(document);
  if (quarantined > 0) parts.push(`${counted(quarantined, 'row')} in quarantine\n`);
  parts.push(readsTable(document));
  if (!running) parts.push(renderIssues(document.issues));
  if (failure?.task !== undefined) parts.push(`failed task  ${failure.task}, in stage ${failure.state ?? ''}\n`);
  const log = logOf(status, deployed);
  if (log !== undefined) {
    const { name } = deployed.environment;
    const stream = log.stream === undefined ? '' : `  stream ${log.stream}`;
    parts.push(`log  ${log.group}${stream}\n`);
    parts.push(`  try   millrace logs ${status.pipeline} --env ${name} --run ${document.run}\n`);
  }
  return parts.join('');
}

/** The log group of the component that failed. */
function logOf({ last }: CloudStatus, deployed: Deployed): { group: string; stream?: string } | undefined {
  const failure = last?.failure;
  if (failure === undefined) return undefined;
  const { state, jobRun } = failure;
  const part =
    state === undefined
      ? 'machine'
      : /^(Claim|Commit|Abort)$/.test(state)
        ? 'bookmarks'
        : state === 'Judge'
          ? 'quality'
          : 'engine';
  const { group } = logGroups(deployed).find((each) => each.part === part)!;
  return { group, ...(part === 'engine' && jobRun !== undefined && { stream: jobRun }) };
}
