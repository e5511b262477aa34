import type { InputFile, PipelineState, TaskState } from '../documents/bookmark-state.ts';
import type { WorkItem } from '../documents/work-order.ts';
import type { Issue } from '../errors.ts';
import { sha256 } from '../plan/canonical-json.ts';
import type { Plan, PredictTask, Task, TrainTask, TransformTask } from '../plan/schema.ts';
import { learns, listsFiles, runsSql, scores } from '../plan/task-kinds.ts';
import { ingestDecision } from './ingest-decision.ts';
import { type KnownModels, nextVersion } from './known-models.ts';

export type ParameterValues = Readonly<Record<string, string | number>>;
export type Listing = Readonly<Record<string, readonly (InputFile & { uri: string })[]>>;

export interface Decisions {
  items: WorkItem[];
  skipped: { task: string; why: string }[];
  /** MR520: rows that the run would lose without `--drop-missing`. */
  drops: Issue[];
}

interface Effective {
  value: string;
  parts: Record<string, string>;
}

/**
 * Decides which tasks run, why, and how much of their input they read. A pure function of plan, state, inputs and parameter values.
 * Tasks that are `forced`, by name or kind, run in full.
 */
export function decide(
  plan: Plan,
  state: PipelineState,
  listing: Listing,
  parameters: ParameterValues,
  models: KnownModels,
  forced: readonly string[] = [],
  dropMissing = false,
): Decisions {
  const decisions: Decisions = { items: [], skipped: [], drops: [] };
  const effective = new Map<string, Effective>();
  const running = new Map<string, WorkItem>();
  for (const task of plan.tasks) {
    const print = effectiveFingerprint(task, parameters, effective);
    effective.set(task.name, print);
    // A task that a stopped run was forced to do is still forced.
    const again = task.name in state.inDoubt && state.tried?.[task.name]?.forced === true;
    const isForced = again || forced.includes(task.name) || forced.includes(task.kind);
    const verdict = verdictOn(task, print, state, listing, running, models, isForced, dropMissing);
    if (verdict.drops !== undefined) decisions.drops.push(verdict.drops);
    if (verdict.run) {
      const usual = state.tasks[task.name]?.usual;
      const item: WorkItem = {
        ...verdict.item,
        ...(usual !== undefined && { usual }),
        task: task.name,
        fingerprint: print.value,
        parts: print.parts,
        ...(isForced && { forced: true }),
        ...(learns(task) && {
          modelVersion: nextVersion(models.get(task.model), state.tasks[task.name], task.name in state.inDoubt),
        }),
      };
      running.set(task.name, item);
      decisions.items.push(item);
    } else decisions.skipped.push({ task: task.name, why: verdict.why });
  }
  return decisions;
}

/** The reason of a task that was forced by name or kind. */
const forcedByUser = 'forced';

type Verdict =
  | { run: false; why: string; drops?: Issue }
  | { run: true; item: Pick<WorkItem, 'mode' | 'why' | 'since' | 'files' | 'withdrawn' | 'rebuild'>; drops?: Issue };

function verdictOn(
  task: Task,
  print: Effective,
  state: PipelineState,
  listing: Listing,
  running: ReadonlyMap<string, WorkItem>,
  models: KnownModels,
  isForced: boolean,
  dropMissing: boolean,
): Verdict {
  const last = state.tasks[task.name];
  const full = (why: string): Verdict => ({ run: true, item: { mode: 'full', why, since: {} } });
  const changed =
    last === undefined
      ? 'never built'
      : last.fingerprint !== print.value
        ? changeOf(last, print)
        : last.rebuild !== undefined
          ? last.rebuild
          : isForced
            ? forcedByUser
            : triedOther(task.name, print, state)
              ? 'a stopped run had started with another definition'
              : undefined;
  if (listsFiles(task)) {
    return ingestDecision(task, {
      changed,
      sameColumns: last?.parts['columns'] === print.parts['columns'],
      last,
      files: listing[task.name] ?? [],
      inDoubt: state.inDoubt[task.name] ?? [],
      withdraw: state.withdraw?.[task.name] ?? [],
      dropMissing,
    });
  }
  if (scores(task)) return predictVerdict(task, changed, state, running, models);
  const known = learns(task) && changed === forcedByUser && nothingNew(task, last!, state, running, models);
  if (known) return { run: false, why: known };
  if (changed !== undefined) return full(changed);
  return runsSql(task) ? transformVerdict(task, last!, state, running) : downstreamVerdict(task, last!, state, running);
}

function transformVerdict(
  task: TransformTask,
  last: TaskState,
  state: PipelineState,
  running: ReadonlyMap<string, WorkItem>,
): Verdict {
  const changed = task.reads.filter((read) => hasMoved(read.table, last, state, running));
  const full = (why: string): Verdict => ({ run: true, item: { mode: 'full', why, since: {} } });
  if (changed.length === 0) {
    if (task.name in state.inDoubt) return full('a stopped run may have left it half done');
    return { run: false, why: 'nothing new upstream' };
  }
  const replaced = changed.filter((read) => isAnother(read.table, last, state, running));
  if (replaced.length > 0) {
    const names = replaced.map((read) => read.table).join(', ');
    return full(`table ${names} was replaced by another`);
  }
  const why = `new rows in ${changed.map((read) => read.table).join(', ')}`;
  // It is unknown whether a stopped run appended; a merge by key can be repeated, an append cannot.
  const inDoubt = task.name in state.inDoubt;
  const mustBeFull = changed.some(
    (read) =>
      read.scope === 'all' || (read.scope === 'new' && (inDoubt || wasRewritten(read.table, last, state, running))),
  );
  if (mustBeFull) return full(why);
  const since = Object.fromEntries(
    task.reads.filter((read) => read.scope !== 'all').map((read) => [read.table, last.consumed[read.table] ?? 0]),
  );
  return { run: true, item: { mode: 'incremental', why, since } };
}

function predictVerdict(
  task: PredictTask,
  changed: string | undefined,
  state: PipelineState,
  running: ReadonlyMap<string, WorkItem>,
  models: KnownModels,
): Verdict {
  const live = models.get(task.model)?.live;
  if (live === undefined && !running.has(`train_${task.model}`)) {
    return { run: false, why: `no version of model ${task.model} is live: its gate held it` };
  }
  const last = state.tasks[task.name]!;
  if (changed !== undefined) return { run: true, item: { mode: 'full', why: changed, since: {} } };
  const moved = downstreamVerdict(task, last, state, running);
  // For example after a roll-back: the scores come from a version that is no longer live.
  if (moved.run || live === undefined || last.scoredBy === undefined || live === last.scoredBy) return moved;
  return { run: true, item: { mode: 'full', why: `v${live} is live, and v${last.scoredBy} scored last`, since: {} } };
}

/** Why a forced training would only produce the live version again; undefined if it may produce another. */
function nothingNew(
  task: TrainTask,
  last: TaskState,
  state: PipelineState,
  running: ReadonlyMap<string, WorkItem>,
  models: KnownModels,
): string | undefined {
  const live = models.get(task.model)?.live;
  const moved = task.upstream.some((name) => hasMoved(name, last, state, running));
  if (moved || task.name in state.inDoubt || live === undefined || live !== last.version) return undefined;
  return `nothing new to learn: the live v${live} learned from the same rows in the same way`;
}

/** The decision for any kind that always runs in full: when anything upstream has moved. */
function downstreamVerdict(
  task: Task,
  last: TaskState,
  state: PipelineState,
  running: ReadonlyMap<string, WorkItem>,
): Verdict {
  const moved = task.upstream.filter((name) => hasMoved(name, last, state, running));
  if (moved.length === 0) return { run: false, why: 'nothing new upstream' };
  return { run: true, item: { mode: 'full', why: `new rows in ${moved.join(', ')}`, since: {} } };
}

function hasMoved(
  upstream: string,
  last: TaskState,
  state: PipelineState,
  running: ReadonlyMap<string, WorkItem>,
): boolean {
  if (running.has(upstream) || state.tasks[upstream]?.version !== last.consumed[upstream]) return true;
  return isAnother(upstream, last, state, running);
}

/** Whether the upstream table is, or is about to be, another table with the same name: their versions cannot be compared. */
function isAnother(
  upstream: string,
  last: TaskState,
  state: PipelineState,
  running: ReadonlyMap<string, WorkItem>,
): boolean {
  const now = state.tasks[upstream];
  if (now === undefined) return running.has(upstream) && upstream in last.consumed;
  const [then, today] = [last.consumedIds?.[upstream], now.tableId];
  return then !== undefined && today !== undefined && then !== today;
}

/** Whether a stopped run may have left results of another definition, which was reverted since. */
const triedOther = (name: string, print: Effective, state: PipelineState) =>
  name in state.inDoubt && state.tried?.[name] !== undefined && state.tried[name].fingerprint !== print.value;

/** Whether the upstream table has been, or is about to be, changed other than by appending since `last` read it. */
function wasRewritten(
  upstream: string,
  last: TaskState,
  state: PipelineState,
  running: ReadonlyMap<string, WorkItem>,
): boolean {
  const item = running.get(upstream);
  if (item !== undefined && replacesRows(item)) return true;
  return (state.tasks[upstream]?.rewrittenAt ?? 0) > (last.consumed[upstream] ?? -1);
}

function effectiveFingerprint(
  task: Task,
  parameters: ParameterValues,
  effective: ReadonlyMap<string, Effective>,
): Effective {
  const parts: Record<string, string> = {};
  for (const [name, part] of Object.entries(task.fingerprint.parts)) {
    const upstream = name.startsWith('upstream ') ? effective.get(name.slice('upstream '.length)) : undefined;
    parts[name] = upstream?.value ?? part;
  }
  if (runsSql(task)) {
    for (const name of task.parameters) parts[`parameter ${name}`] = sha256(parameters[name]);
  }
  return { value: sha256(parts), parts };
}

/** The reason as a person would give it: direct changes come before changes that follow from them. */
function changeOf(last: TaskState, print: Effective): string {
  const names = [...new Set([...Object.keys(last.parts), ...Object.keys(print.parts)])];
  const changed = names.filter((name) => last.parts[name] !== print.parts[name]);
  const direct = changed.filter((name) => !name.startsWith('upstream '));
  if (direct.length > 0) return `changed ${direct.join(', ')}`;
  return `changed upstream: ${changed.map((name) => name.slice('upstream '.length)).join(', ')}`;
}

/** Whether a work item does more than append rows. */
const replacesRows = ({ mode, files = [], withdrawn = [] }: WorkItem) =>
  mode === 'full' || withdrawn.length > 0 || files.some((file) => file.replace);
