import type { InputFile, PipelineState, TaskState } from '../documents/bookmark-state.ts';
import type { WorkItem } from '../documents/work-order.ts';
import type { Issue } from '../errors.ts';
import { sha256 } from '../plan/canonical-json.ts';
import type { Plan, PredictTask, Task, TrainTask, TransformTask } from '../plan/schema.ts';
import { ingestDecision } from './ingest-decision.ts';
import { type KnownModels, nextVersion } from './known-models.ts';

export type ParameterValues = Readonly<Record<string, string | number>>;
export type Listing = Readonly<Record<string, readonly (InputFile & { uri: string })[]>>;

export interface Decisions {
  items: WorkItem[];
  skipped: { task: string; why: string }[];
  /** MR520: rows that the run would lose, and that nobody has let go. */
  drops: Issue[];
}

interface Effective {
  value: string;
  parts: Record<string, string>;
}

/**
 * Which tasks run, why, and how much of their input they need. Pure: plan, state, inputs and parameter values decide. Tasks that are
 * `forced`, by name or kind, run in full whatever they did before.
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
    // What a run that was stopped had been asked for is still asked for.
    const again = task.name in state.inDoubt && state.tried?.[task.name]?.forced === true;
    const asked = again || forced.includes(task.name) || forced.includes(task.kind);
    const verdict = verdictOn(task, print, state, listing, running, models, asked, dropMissing);
    if (verdict.drops !== undefined) decisions.drops.push(verdict.drops);
    if (verdict.run) {
      const usual = state.tasks[task.name]?.usual;
      const item: WorkItem = {
        ...verdict.item,
        ...(usual !== undefined && { usual }),
        task: task.name,
        fingerprint: print.value,
        parts: print.parts,
        ...(asked && { forced: true }),
        ...(task.kind === 'train' && {
          modelVersion: nextVersion(models.get(task.model), state.tasks[task.name], task.name in state.inDoubt),
        }),
      };
      running.set(task.name, item);
      decisions.items.push(item);
    } else decisions.skipped.push({ task: task.name, why: verdict.why });
  }
  return decisions;
}

type Verdict =
  | { run: false; why: string; drops?: Issue }
  | { run: true; item: Pick<WorkItem, 'mode' | 'why' | 'since' | 'files' | 'withdrawn'>; drops?: Issue };

function verdictOn(
  task: Task,
  print: Effective,
  state: PipelineState,
  listing: Listing,
  running: ReadonlyMap<string, WorkItem>,
  models: KnownModels,
  asked: boolean,
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
          : asked
            ? 'asked for'
            : triedOther(task.name, print, state)
              ? 'a run that was stopped had begun another definition'
              : undefined;
  switch (task.kind) {
    case 'ingest':
      return ingestDecision(task, {
        changed,
        sameColumns: last?.parts['columns'] === print.parts['columns'],
        last,
        files: listing[task.name] ?? [],
        inDoubt: state.inDoubt[task.name] ?? [],
        withdraw: state.withdraw?.[task.name] ?? [],
        dropMissing,
      });
    case 'transform':
      if (changed !== undefined) return full(changed);
      return transformVerdict(task, last!, state, running);
    case 'predict':
      return predictVerdict(task, changed, state, running, models);
    case 'train': {
      const known = changed === 'asked for' ? nothingNew(task, last!, state, running, models) : undefined;
      if (known !== undefined) return { run: false, why: known };
      if (changed !== undefined) return full(changed);
      return downstreamVerdict(task, last!, state, running);
    }
    default:
      return task satisfies never;
  }
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
    if (task.name in state.inDoubt) return full('a run that was stopped may have left it half done');
    return { run: false, why: 'nothing new upstream' };
  }
  const replaced = changed.filter((read) => isAnother(read.table, last, state, running));
  if (replaced.length > 0) {
    const names = replaced.map((read) => read.table).join(', ');
    return full(`table ${names} is not the one that was read before`);
  }
  const why = `new rows in ${changed.map((read) => read.table).join(', ')}`;
  // Whether a run that was stopped had appended is not known; a merge by key may be done twice, an append may not.
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
  // As after a roll-back: the scores are those of a version that is not live any more.
  if (moved.run || live === undefined || last.scoredBy === undefined || live === last.scoredBy) return moved;
  return { run: true, item: { mode: 'full', why: `v${live} is live, and v${last.scoredBy} scored last`, since: {} } };
}

/** Why a training that was asked for would only give the live version again; undefined where it may give another. */
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

function downstreamVerdict(
  task: TrainTask | PredictTask,
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

/** Whether the upstream table is, or is about to be, another table of the same name: versions of the two cannot be compared. */
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

/** Whether a run that was stopped may have left what another definition gives, which has been taken back since. */
const triedOther = (name: string, print: Effective, state: PipelineState) =>
  name in state.inDoubt && state.tried?.[name] !== undefined && state.tried[name].fingerprint !== print.value;

/** Whether the upstream table did, or is about to do, more than append since `last` read it. */
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
  if (task.kind === 'transform') {
    for (const name of task.parameters) parts[`parameter ${name}`] = sha256(parameters[name]);
  }
  return { value: sha256(parts), parts };
}

/** The reason a reader would give: what they changed themselves comes before what follows from it. */
function changeOf(last: TaskState, print: Effective): string {
  const names = [...new Set([...Object.keys(last.parts), ...Object.keys(print.parts)])];
  const changed = names.filter((name) => last.parts[name] !== print.parts[name]);
  const own = changed.filter((name) => !name.startsWith('upstream '));
  if (own.length > 0) return `changed ${own.join(', ')}`;
  return `changed upstream: ${changed.map((name) => name.slice('upstream '.length)).join(', ')}`;
}

/** Whether an item does more than append rows. */
const replacesRows = ({ mode, files = [], withdrawn = [] }: WorkItem) =>
  mode === 'full' || withdrawn.length > 0 || files.some((file) => file.replace);
