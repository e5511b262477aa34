import { sha256 } from './canonical-json.ts';
import { type KnownModels, nextVersion } from './known-models.ts';
import type { IngestTask, Plan, PredictTask, Task, TrainTask, TransformTask } from './schema.ts';
import type { InputFile, PipelineState, TaskState } from './state.ts';
import type { WorkFile, WorkItem } from './work-order.ts';

export type ParameterValues = Readonly<Record<string, string | number>>;
export type Listing = Readonly<Record<string, readonly (InputFile & { uri: string })[]>>;

export interface Decisions {
  items: WorkItem[];
  skipped: { task: string; why: string }[];
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
): Decisions {
  const decisions: Decisions = { items: [], skipped: [] };
  const effective = new Map<string, Effective>();
  const running = new Map<string, WorkItem>();
  for (const task of plan.tasks) {
    const print = effectiveFingerprint(task, parameters, effective);
    effective.set(task.name, print);
    const asked = forced.includes(task.name) || forced.includes(task.kind);
    const verdict = verdictOn(task, print, state, listing, running, models, asked);
    if (verdict.run) {
      const item: WorkItem = {
        ...verdict.item,
        task: task.name,
        fingerprint: print.value,
        parts: print.parts,
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
  | { run: false; why: string }
  | { run: true; item: Pick<WorkItem, 'mode' | 'why' | 'since'> & { files?: WorkFile[] } };

function verdictOn(
  task: Task,
  print: Effective,
  state: PipelineState,
  listing: Listing,
  running: ReadonlyMap<string, WorkItem>,
  models: KnownModels,
  asked: boolean,
): Verdict {
  const last = state.tasks[task.name];
  const full = (why: string): Verdict => ({ run: true, item: { mode: 'full', why, since: {} } });
  const changed =
    last === undefined
      ? 'never built'
      : last.fingerprint !== print.value
        ? changeOf(last, print)
        : asked
          ? 'asked for'
          : undefined;
  switch (task.kind) {
    case 'ingest':
      return ingestVerdict(task, changed, last, listing[task.name] ?? [], state.inDoubt[task.name] ?? []);
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

function ingestVerdict(
  task: IngestTask,
  changed: string | undefined,
  last: TaskState | undefined,
  files: readonly (InputFile & { uri: string })[],
  inDoubt: readonly string[],
): Verdict {
  const taken = last?.files ?? {};
  if (changed !== undefined) {
    const all = files.map((file) => ({ ...file, replace: false }));
    return { run: true, item: { mode: 'full', why: changed, since: {}, files: all } };
  }
  const fresh = files
    .filter((file) => taken[file.path]?.etag !== file.etag)
    .map((file) => ({ ...file, replace: file.path in taken || inDoubt.includes(file.path) }));
  if (fresh.length === 0) return { run: false, why: task.optional && files.length === 0 ? 'no input' : 'no new input' };
  const rewritten = fresh.filter((file) => file.path in taken).length;
  const why =
    rewritten === 0 ? 'new input' : rewritten === fresh.length ? 'rewritten input' : 'new and rewritten input';
  return {
    run: true,
    item: { mode: 'incremental', why: `${why} (${count(fresh.length, 'file')})`, since: {}, files: fresh },
  };
}

function transformVerdict(
  task: TransformTask,
  last: TaskState,
  state: PipelineState,
  running: ReadonlyMap<string, WorkItem>,
): Verdict {
  const changed = task.reads.filter((read) => hasMoved(read.table, last, state, running));
  if (changed.length === 0) return { run: false, why: 'nothing new upstream' };
  const why = `new rows in ${changed.map((read) => read.table).join(', ')}`;
  // Whether a run that was stopped had appended is not known; a merge by key may be done twice, an append may not.
  const inDoubt = task.name in state.inDoubt;
  const mustBeFull = changed.some(
    (read) =>
      read.scope === 'all' || (read.scope === 'new' && (inDoubt || wasRewritten(read.table, last, state, running))),
  );
  if (mustBeFull) return { run: true, item: { mode: 'full', why, since: {} } };
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
  return `nothing new to learn: v${live}, which is live, learned from these rows in the same way`;
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
  return running.has(upstream) || state.tasks[upstream]?.version !== last.consumed[upstream];
}

/** Whether the upstream table did, or is about to do, more than append since `last` read it. */
function wasRewritten(
  upstream: string,
  last: TaskState,
  state: PipelineState,
  running: ReadonlyMap<string, WorkItem>,
): boolean {
  const item = running.get(upstream);
  if (item !== undefined && (item.mode === 'full' || (item.files ?? []).some((file) => file.replace))) return true;
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

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
