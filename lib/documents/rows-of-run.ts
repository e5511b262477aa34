import type { RunDocument } from './run-document.ts';

/** Tasks of a failed run that did not end, in order: of their rows nothing is known. None where the run did not fail. */
export function notKnown({ status, reasons, tasks }: RunDocument): string[] {
  if (status !== 'failed') return [];
  const ended = new Set(tasks.map(({ task }) => task));
  return reasons.flatMap(({ task }) => (ended.has(task) ? [] : [task]));
}

/** What upstream's log says beside what was read: one read of one task. */
export interface ReadBesideLog {
  task: string;
  table: string;
  /** `5`, or `3 to 5` where only what came since version 3 is meant. */
  versions: string;
  /** Rows that the log says. */
  logged: number;
  read: number;
  /** Of a read by keys: rows that came or changed, each of which is among those that were read. */
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
