/** Reads facts about a table from its Delta log, local or in S3. */

/** The `_delta_log` of a table. */
export interface LogFolder {
  /** File names, in any order; empty if there is no table. */
  names(): Promise<readonly string[]>;
  /** Text of a file. */
  text(name: string): Promise<string | undefined>;
}

export interface TableLog {
  /** Delta's unique id of the table. Absent if the first log entries have expired. */
  id?: string;
  /** Number of the pipeline's newest run that committed to the table. */
  sequence: number;
  /** A commit in which another program changed rows that the table still has to hold, such as `RESTORE in version 3`. */
  foreign?: string;
}

interface Action {
  metaData?: { id: string };
  txn?: { appId: string; version: number };
  commitInfo?: { operation?: string; operationParameters?: { mode?: string; predicate?: string } };
  add?: { dataChange?: boolean };
  remove?: { dataChange?: boolean };
}

/** Undefined if there is no table. */
export async function tableLog(pipeline: string, folder: LogFolder): Promise<TableLog | undefined> {
  const all = await folder.names();
  if (all.length === 0) return undefined;
  const commits = all.filter((name) => /^\d{20}\.json$/.test(name)).sort();
  const first = commits.length === 0 ? [] : await actions(folder, commits[0]!);
  const id = first.flatMap(({ metaData }) => metaData?.id ?? [])[0];
  let sequence = 0;
  let foreign: string | undefined;
  // Run numbers only grow, so the newest commit of a run has the highest. Commits of maintenance and of other programs have none.
  for (const name of commits.reverse()) {
    const made = await actions(folder, name);
    const numbers = made.flatMap(({ txn }) => (txn?.appId.startsWith(`${pipeline}/`) ? [txn.version] : []));
    // Another program may also have changed rows while the last run worked, before its commit. What came before the commit of the run
    // before it was there at its claim, and an overwrite leaves none of the earlier rows.
    if (numbers.some((number) => number < sequence)) break;
    sequence = Math.max(sequence, ...numbers);
    if (numbers.length > 0 && made.some(overwrites)) break;
    if (numbers.length === 0 && made.some(changesRows))
      foreign ??= `${operationOf(made)} in version ${Number.parseInt(name, 10)}`;
  }
  return { ...(id !== undefined && { id }), sequence, ...(foreign !== undefined && { foreign }) };
}

/** Whether a commit replaces the whole table; a predicate limits it to some rows. */
const overwrites = ({ commitInfo: { operationParameters } = {} }: Action) =>
  operationParameters?.mode === 'Overwrite' && operationParameters.predicate === undefined;

/** Compaction also adds and removes files, but says that their rows are the same. */
const changesRows = ({ add, remove }: Action) => add?.dataChange === true || remove?.dataChange === true;

const operationOf = (made: readonly Action[]) =>
  made.flatMap(({ commitInfo }) => commitInfo?.operation ?? [])[0] ?? 'a commit';

/** The readable lines of a log file; the reader of the table reports damage. */
async function actions(folder: LogFolder, name: string): Promise<Action[]> {
  const lines = ((await folder.text(name)) ?? '').split('\n');
  return lines.flatMap((line) => {
    try {
      return line.trim() === '' ? [] : [JSON.parse(line) as Action];
    } catch {
      return [];
    }
  });
}
