import type { PipelineState, TakenFile, TaskState } from '../documents/bookmark-state.ts';
import type { TaskOutcome } from '../documents/task-outcome.ts';
import type { WorkItem, WorkOrder } from '../documents/work-order.ts';
import { learns, scores } from '../plan/task-kinds.ts';

/**
 * The state after a run, from the reported outcomes: reported tasks are done, and the claim is released. Tasks without an outcome stay
 * in doubt, unless `complete`: then the machine reached its end, so they were never started. A training counts as done only after the
 * gate has judged it; otherwise that model would never be judged. It was judged if its run succeeded or scored.
 */
export function settled(
  state: PipelineState,
  order: WorkOrder | undefined,
  outcomes: readonly TaskOutcome[],
  complete: boolean,
): PipelineState {
  const { claim: _, ...rest } = state;
  const tasks = { ...state.tasks };
  const inDoubt = { ...state.inDoubt };
  const tried = { ...state.tried };
  const withdraw = { ...state.withdraw };
  const judged = complete || outcomes.some(scores);
  const counted = outcomes.filter((outcome) => judged || !learns(outcome));
  for (const item of order?.items ?? []) {
    const outcome = counted.find((entry) => entry.task === item.task);
    if (outcome !== undefined) {
      tasks[item.task] = taskState(tasks, order!, item, outcome);
      const left = (withdraw[item.task] ?? []).filter((path) => !item.withdrawn?.includes(path));
      if (left.length > 0) withdraw[item.task] = left;
      else delete withdraw[item.task];
    }
    if (outcome !== undefined || complete) {
      delete inDoubt[item.task];
      delete tried[item.task];
    }
  }
  return { ...rest, tasks, inDoubt, tried, withdraw };
}

function taskState(
  tasks: PipelineState['tasks'],
  { run, sequence }: WorkOrder,
  item: WorkItem,
  outcome: TaskOutcome,
): TaskState {
  const { version: left, rewritten, consumed, tableId, rejectsId } = outcome;
  const before = tasks[item.task];
  // A training with nothing new to learn reports an older version, and version numbers never decrease.
  const version = learns(outcome) ? Math.max(left, before?.version ?? 0) : left;
  const scoredBy = scores(outcome) ? scorer(consumed) : undefined;
  const ids = consumedIds(tasks, consumed);
  return {
    fingerprint: item.fingerprint,
    parts: item.parts,
    run,
    version,
    rewrittenAt: rewritten ? version : (before?.rewrittenAt ?? 0),
    // The scoring version may be older than the last trained one; the newest training known at scoring time counts.
    consumed: scores(outcome) ? { ...consumed, ...trainings(tasks, consumed) } : consumed,
    ...(scoredBy !== undefined && { scoredBy }),
    sequence,
    ...committedBy(sequence, before, version, tableId),
    ...(tableId !== undefined && { tableId }),
    ...(rejectsId !== undefined && { rejectsId }),
    ...(Object.keys(ids).length > 0 && { consumedIds: ids }),
    ...usualAfter(before?.usual, outcome.measures),
    ...(item.files !== undefined && { files: filesAfter(before, item, outcome.fileRows ?? {}) }),
  };
}

/** If a run left the table at the same version, it committed nothing. */
function committedBy(
  sequence: number,
  before: TaskState | undefined,
  version: number,
  tableId: string | undefined,
): Pick<TaskState, 'committed'> {
  const same = before !== undefined && before.version === version && before.tableId === tableId;
  if (!same) return { committed: sequence };
  return before.committed === undefined ? {} : { committed: before.committed };
}

/** The version that scored, from the outcome of a predict task. */
const scorer = (consumed: Readonly<Record<string, number>>): number | undefined =>
  Object.entries(consumed).find(([name]) => name.startsWith('train_'))?.[1];

/** A running average: with each new run, the earlier runs count half. */
function usualAfter(before: TaskState['usual'], now: TaskOutcome['measures']): Pick<TaskState, 'usual'> {
  if (now === undefined) return before === undefined ? {} : { usual: before };
  const half = (n = 0) => Math.round(n / 2);
  const nulls = Object.entries(now.nulls).map(([column, n]) => [column, half(before?.nulls[column]) + n]);
  return {
    usual: {
      read: half(before?.read) + now.read,
      quarantined: half(before?.quarantined) + now.quarantined,
      rows: half(before?.rows) + now.rows,
      nulls: Object.fromEntries(nulls),
    },
  };
}

function trainings(tasks: PipelineState['tasks'], consumed: Readonly<Record<string, number>>): Record<string, number> {
  const trained = Object.keys(consumed).filter((name) => name.startsWith('train_'));
  return Object.fromEntries(trained.map((name) => [name, tasks[name]?.version ?? 0]));
}

/** The inputs with rows in the table, and withdrawn inputs, so that they are not read again unchanged. */
function filesAfter(
  before: TaskState | undefined,
  { mode, files = [], withdrawn = [] }: WorkItem,
  rows: Readonly<Record<string, number>>,
): Record<string, TakenFile> {
  const known = Object.values(before?.files ?? {}).filter((file) => mode !== 'full' || file.withdrawn === true);
  const gone = Object.values(before?.files ?? {}).filter(({ path }) => withdrawn.includes(path));
  const taken = files.map(({ uri: _, replace: __, partition: ___, ...file }) => ({
    ...file,
    ...(rows[file.path] !== undefined && { rows: rows[file.path]! }),
  }));
  const all = [...known, ...gone.map((file) => ({ ...file, rows: 0, withdrawn: true })), ...taken];
  return Object.fromEntries(all.map((file) => [file.path, file]));
}

function consumedIds(
  tasks: PipelineState['tasks'],
  consumed: Readonly<Record<string, number>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.keys(consumed).flatMap((name) => {
      const id = tasks[name]?.tableId;
      return id === undefined ? [] : [[name, id]];
    }),
  );
}
