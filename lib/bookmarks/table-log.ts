/** What a Delta table's log says of the table: the same here and in S3. */

/** The `_delta_log` of a table. */
export interface LogFolder {
  /** Names in it, in any order; none where there is no table. */
  names(): Promise<readonly string[]>;
  /** Text of a file in it. */
  text(name: string): Promise<string | undefined>;
}

export interface TableLog {
  /** Delta's id of the table, which another table of the same name has not. Absent where the log has forgotten its beginning. */
  id?: string;
  /** Number of the newest run of the pipeline that committed to it. */
  sequence: number;
}

interface Action {
  metaData?: { id: string };
  txn?: { appId: string; version: number };
}

/** Undefined where there is no table. */
export async function tableLog(pipeline: string, folder: LogFolder): Promise<TableLog | undefined> {
  const all = await folder.names();
  if (all.length === 0) return undefined;
  const commits = all.filter((name) => /^\d{20}\.json$/.test(name)).sort();
  const first = commits.length === 0 ? [] : await actions(folder, commits[0]!);
  const id = first.flatMap(({ metaData }) => metaData?.id ?? [])[0];
  let sequence = 0;
  // Numbers of runs only grow, so the newest commit of a run has the greatest. Maintenance commits have none.
  for (const name of commits.reverse()) {
    const numbers = (await actions(folder, name)).flatMap(({ txn }) =>
      txn?.appId.startsWith(`${pipeline}/`) ? [txn.version] : [],
    );
    sequence = Math.max(sequence, ...numbers);
    if (numbers.length > 0) break;
  }
  return { ...(id !== undefined && { id }), sequence };
}

/** Of a log that is damaged, what can be read of it: whoever reads the table says what is wrong with it. */
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
