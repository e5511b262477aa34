import type { RunDocument } from './run-document.ts';

/** Unfinished tasks of a failed run, in order: their rows are unknown. Empty if the run did not fail. */
export function unfinishedTasks({ status, reasons, tasks }: RunDocument): string[] {
  if (status !== 'failed') return [];
  const ended = new Set(tasks.map(({ task }) => task));
  return reasons.flatMap(({ task }) => (ended.has(task) ? [] : [task]));
}

/** One read of one task: rows read beside the count in the upstream table's log. */
export interface ReadBesideLog {
  task: string;
  table: string;
  /** `5`, or `3 to 5` for rows committed after version 3. */
  versions: string;
  /** Rows by the log. */
  logged: number;
  read: number;
  /** For a read by keys: new or changed rows, which are all among the rows read. */
  changed?: number;
}

export const readsBesideLogs = ({ tasks }: RunDocument): ReadBesideLog[] =>
  tasks.flatMap(({ task, reads = [] }) =>
    reads.map(({ table, from, to, upstream, read, changed }) => ({
      task,
      table,
      versions: from === undefined ? String(to) : `${from} to ${to}`,
      logged: upstream,
      read,
      ...(changed !== undefined && { changed }),
    })),
  );
