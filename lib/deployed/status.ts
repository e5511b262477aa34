import type { PipelineState } from '../documents/bookmark-state.ts';
import type { RunDocument } from '../documents/run-document.ts';
import type { PromotionEntry } from '../gate/promotions.ts';
import type { Plan } from '../plan/schema.ts';
import { modelNames } from '../plan/task-kinds.ts';
import type { Stop } from '../runs/run-state.ts';
import { look } from './follow.ts';
import type { CloudPorts, Execution } from './ports.ts';
import { type Failure, failureOf } from './root-cause.ts';
import { documentOf } from './run-document.ts';

export interface CloudStatus {
  pipeline: string;
  /** Newest first. */
  runs: Execution[];
  last?: { document: RunDocument; running: boolean; failure?: Failure };
  /** The current stop, if runs are stopped. */
  stopped: Stop | null;
  bookmarks: Pick<PipelineState, 'revision' | 'sequence' | 'inDoubt'> & {
    claim: NonNullable<PipelineState['claim']> | null;
  };
  models: { model: string; live: PromotionEntry | null }[];
}

/** The status of a deployed pipeline: its last runs, why the last one failed, the current holder, the live versions. */
export async function cloudStatus(plan: Plan, ports: CloudPorts, atMost = 5): Promise<CloudStatus> {
  const models = modelNames(plan);
  const [runs, state, stopped, live] = await Promise.all([
    ports.executions(atMost),
    ports.bookmarks(),
    ports.stopped(),
    Promise.all(models.map(async (model) => ({ model, live: (await ports.live(model)) ?? null }))),
  ]);
  const { revision, sequence, inDoubt, claim = null } = state;
  return {
    pipeline: plan.pipeline,
    runs,
    ...(await lastOf(plan, runs[0]?.run, ports)),
    stopped: stopped ?? null,
    bookmarks: { revision, sequence, inDoubt, claim },
    models: live,
  };
}

async function lastOf(plan: Plan, run: string | undefined, ports: CloudPorts): Promise<Pick<CloudStatus, 'last'>> {
  // The list of executions has no errors and outputs.
  const execution = run === undefined ? undefined : await ports.execution(run);
  if (execution === undefined) return {};
  const seen = await look(plan, execution, ports);
  const document = documentOf(plan, seen);
  const failure = execution.status !== 'RUNNING' && document.status === 'failed' ? failureOf(plan, seen) : undefined;
  return { last: { document, running: execution.status === 'RUNNING', ...(failure && { failure }) } };
}
