import type { InputFile, TakenFile, TaskState } from '../documents/bookmark-state.ts';
import type { WorkItem } from '../documents/work-order.ts';
import type { Issue } from '../errors.ts';
import { patternOf } from '../lake/find-inputs.ts';
import { leftOut, partitionsOf } from '../plan/input-pattern.ts';
import type { IngestTask } from '../plan/schema.ts';
import { shellWords } from '../words.ts';

export interface IngestFacts {
  /** Why the task must run in full; undefined if it need not. */
  changed: string | undefined;
  /** Whether its columns are the same as those of its table. */
  sameColumns: boolean;
  last: TaskState | undefined;
  files: readonly (InputFile & { uri: string })[];
  /** Files that a stopped run may have read. */
  inDoubt: readonly string[];
  /** Files whose rows must be removed. */
  withdraw: readonly string[];
  dropMissing: boolean;
}

export type IngestDecision =
  | { run: false; why: string; drops?: Issue }
  | {
      run: true;
      item: Pick<WorkItem, 'mode' | 'why' | 'since' | 'files' | 'withdrawn' | 'rebuild'>;
      /** Rows that the task would lose without `--drop-missing`. */
      drops?: Issue;
    };

/** Which files an ingest reads, and whose rows it replaces, keeps or removes. */
export function ingestDecision(task: IngestTask, facts: IngestFacts): IngestDecision {
  const { changed, last, files, inDoubt } = facts;
  const taken = last?.files ?? {};
  // A withdrawn file is read again only if its content has changed.
  const offered = files
    .filter((file) => !withdrawnUnchanged(taken[file.path], file) && !facts.withdraw.includes(file.path))
    .map((file) => ({ ...file, ...partitionOf(task, file) }));
  const lying = new Set(files.map((file) => file.path));
  // It is unknown whether a stopped run read a file that is gone now.
  const lost = inDoubt.filter((path) => !lying.has(path) && !(path in taken));
  const withdrawn = [...new Set([...facts.withdraw, ...lost])];
  if (changed !== undefined) return rebuilt(task, facts, changed, offered, withdrawn);
  const doubtful = new Set(inDoubt);
  const fresh = offered
    .filter((file) => taken[file.path]?.etag !== file.etag || isRewound(taken[file.path]) || doubtful.has(file.path))
    .map((file) => ({ ...file, replace: file.path in taken || doubtful.has(file.path) }));
  const reasons = [
    ...(fresh.length > 0 ? [reasonOf(fresh, taken, doubtful)] : []),
    ...(withdrawn.length > 0 ? [`${count(withdrawn.length, 'file')} withdrawn`] : []),
  ];
  if (reasons.length === 0)
    return { run: false, why: task.optional && files.length === 0 ? 'no input' : 'no new input' };
  const removed = withdrawn.length > 0 && { withdrawn };
  return { run: true, item: { mode: 'incremental', why: reasons.join(', '), since: {}, files: fresh, ...removed } };
}

const partitionOf = (task: IngestTask, { path }: InputFile) =>
  task.partitions && { partition: partitionsOf(path, patternOf(task)) };

function rebuilt(
  task: IngestTask,
  { last, files, dropMissing, sameColumns }: IngestFacts,
  why: string,
  offered: readonly (InputFile & { uri: string })[],
  withdrawn: readonly string[],
): IngestDecision {
  const missing = missingFiles(last, files).filter(({ path }) => !withdrawn.includes(path));
  const full = { mode: 'full' as const, why, since: {}, files: offered.map((file) => ({ ...file, replace: false })) };
  const item = { ...full, ...(withdrawn.length > 0 && { withdrawn: [...withdrawn] }) };
  if (missing.length === 0 || dropMissing) return { run: true, item };
  if (sameColumns && missing.every(({ path }) => leftOut(path, patternOf(task)) === undefined)) {
    const kept = `${why}; rows of ${count(missing.length, 'deleted file')} stay`;
    const all = offered.map((file) => ({ ...file, replace: true }));
    return { run: true, item: { ...item, mode: 'incremental', why: kept, files: all, rebuild: true } };
  }
  return { run: true, item, drops: wouldDrop(task.name, why, missing) };
}

/** Files that no longer exist and whose rows are in the table. */
export function missingFiles(last: TaskState | undefined, files: readonly InputFile[]): TakenFile[] {
  const lying = new Set(files.map((file) => file.path));
  return Object.values(last?.files ?? {}).filter(({ path, withdrawn }) => withdrawn !== true && !lying.has(path));
}

/** MR521: rows of deleted files stay. */
export function missingWarning(pipeline: string, source: string, missing: readonly TakenFile[]): Issue {
  const message = `${count(missing.length, 'file')} of source "${source}" ${missing.length === 1 ? 'is' : 'are'} gone; ${rowsOf(missing)} ${rowsOf(missing) === '1 row' ? 'stays' : 'stay'}: ${named(missing)}`;
  const hint = `\`millrace bookmarks withdraw ${pipeline} ${source} ${shellWords([missing[0]!.path])}\` removes the rows of a file`;
  return { code: 'MR521', path: source, message, hint };
}

function wouldDrop(source: string, why: string, missing: readonly TakenFile[]): Issue {
  const message = `"${source}" must be read again in full (${why}), but ${count(missing.length, 'file')} ${missing.length === 1 ? 'is' : 'are'} gone: ${rowsOf(missing)} would be lost: ${named(missing)}`;
  return {
    code: 'MR520',
    path: source,
    message,
    hint: 'restore the files, or run with --drop-missing to drop these rows',
  };
}

function rowsOf(files: readonly TakenFile[]): string {
  const known = files.flatMap(({ rows }) => rows ?? []);
  return known.length < files.length
    ? 'their rows'
    : count(
        known.reduce((a, b) => a + b, 0),
        'row',
      );
}

const mostNamed = 5;

function named(files: readonly TakenFile[]): string {
  const first = files
    .slice(0, mostNamed)
    .map(({ path, rows }) => (rows === undefined ? path : `${path} (${rows.toLocaleString('en')})`));
  return files.length > mostNamed ? `${first.join(', ')} and ${files.length - mostNamed} more` : first.join(', ');
}

const isRewound = (known: TakenFile | undefined) => known?.rewound === true;

const withdrawnUnchanged = (known: TakenFile | undefined, file: InputFile) =>
  known?.withdrawn === true && known.etag === file.etag;

function reasonOf(
  fresh: readonly InputFile[],
  taken: Readonly<Record<string, TakenFile>>,
  doubtful: ReadonlySet<string>,
): string {
  const again = fresh.filter(
    ({ path, etag }) => taken[path]?.etag === etag && doubtful.has(path) && !isRewound(taken[path]),
  ).length;
  const rewound = fresh.filter(({ path, etag }) => taken[path]?.etag === etag && isRewound(taken[path])).length;
  const rewritten = fresh.filter(({ path, etag }) => path in taken && taken[path]!.etag !== etag).length;
  const kinds = [
    ...(fresh.length > again + rewritten + rewound ? ['new'] : []),
    ...(rewritten > 0 ? ['rewritten'] : []),
    ...(rewound > 0 ? ['rewound'] : []),
    ...(again > 0 ? ['in-doubt'] : []),
  ];
  return `${kinds.join(' and ')} input (${count(fresh.length, 'file')})`;
}

const count = (n: number, what: string) => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
