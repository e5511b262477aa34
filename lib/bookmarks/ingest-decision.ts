import type { InputFile, TakenFile, TaskState } from '../documents/bookmark-state.ts';
import type { WorkItem } from '../documents/work-order.ts';
import type { Issue } from '../errors.ts';
import { patternOf } from '../lake/find-inputs.ts';
import { leftOut, partitionsOf } from '../plan/input-pattern.ts';
import type { IngestTask } from '../plan/schema.ts';
import { shellWords } from './shell-words.ts';

export interface IngestFacts {
  /** Why the task must be done in full; undefined where it need not. */
  changed: string | undefined;
  /** Whether its columns are those of the rows that its table holds. */
  sameColumns: boolean;
  last: TaskState | undefined;
  files: readonly (InputFile & { uri: string })[];
  /** Files that a run which was stopped may have taken in. */
  inDoubt: readonly string[];
  /** Files whose rows are to be removed. */
  withdraw: readonly string[];
  dropMissing: boolean;
}

export type IngestDecision =
  | { run: false; why: string; drops?: Issue }
  | {
      run: true;
      item: Pick<WorkItem, 'mode' | 'why' | 'since' | 'files' | 'withdrawn'>;
      /** Rows that the task would lose, though nobody has said so. */
      drops?: Issue;
    };

/** Which files an ingest reads, and whose rows it replaces, keeps or removes. */
export function ingestDecision(task: IngestTask, facts: IngestFacts): IngestDecision {
  const { changed, last, files, inDoubt } = facts;
  const taken = last?.files ?? {};
  // A file that was withdrawn is read again only when it is another file.
  const offered = files
    .filter((file) => !withdrawnAsItIs(taken[file.path], file) && !facts.withdraw.includes(file.path))
    .map((file) => ({ ...file, ...partitionOf(task, file) }));
  const lying = new Set(files.map((file) => file.path));
  // Nobody knows whether a run that was stopped took in a file that is gone since.
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
    const kept = `${why}; rows of ${count(missing.length, 'file')} that are gone stay`;
    const all = offered.map((file) => ({ ...file, replace: true }));
    return { run: true, item: { ...item, mode: 'incremental', why: kept, files: all } };
  }
  return { run: true, item, drops: wouldDrop(task.name, why, missing) };
}

/** Files that were taken in, whose rows are in the table, and that are not there any more. */
export function missingFiles(last: TaskState | undefined, files: readonly InputFile[]): TakenFile[] {
  const lying = new Set(files.map((file) => file.path));
  return Object.values(last?.files ?? {}).filter(({ path, withdrawn }) => withdrawn !== true && !lying.has(path));
}

/** MR521: files that are gone keep their rows. */
export function missingWarning(pipeline: string, source: string, missing: readonly TakenFile[]): Issue {
  const message = `${count(missing.length, 'file')} of source "${source}" ${missing.length === 1 ? 'is' : 'are'} gone; ${rowsOf(missing)} ${rowsOf(missing) === '1 row' ? 'stays' : 'stay'}: ${named(missing)}`;
  const hint = `\`millrace bookmarks withdraw ${pipeline} ${source} ${shellWords([missing[0]!.path])}\` removes the rows of a file`;
  return { code: 'MR521', path: source, message, hint };
}

function wouldDrop(source: string, why: string, missing: readonly TakenFile[]): Issue {
  const message = `"${source}" is to be read anew (${why}), and ${count(missing.length, 'file')} of it ${missing.length === 1 ? 'is' : 'are'} gone: ${rowsOf(missing)} would be lost: ${named(missing)}`;
  return {
    code: 'MR520',
    path: source,
    message,
    hint: 'put the files back, or run with --drop-missing to let these rows go',
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

const withdrawnAsItIs = (known: TakenFile | undefined, file: InputFile) =>
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
    ...(again > 0 ? ['doubtful'] : []),
  ];
  return `${kinds.join(' and ')} input (${count(fresh.length, 'file')})`;
}

const count = (n: number, what: string) => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
