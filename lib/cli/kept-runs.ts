import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type RunDocument, runDocument } from '../documents/run-document.ts';
import type { Issue } from '../errors.ts';
import { readCache } from '../local/documents.ts';
import type { Root } from '../local/root.ts';

export interface KeptRuns {
  /** In the order of their names. */
  runs: RunDocument[];
  /** Folders whose `run.json` is there and cannot be read: what they did is in the tables and the bookmarks all the same. */
  unreadable: string[];
}

/** The runs of a pipeline that have ended here. */
export async function keptRuns(root: Root, pipeline: string): Promise<KeptRuns> {
  const names = (await readdir(root.runs()).catch(() => [] as string[])).sort();
  const found = await Promise.all(
    names.map(async (name) => {
      const files = await readdir(root.run(name)).catch(() => [] as string[]);
      if (!files.includes('run.json')) return undefined;
      return (await readCache(path.join(root.run(name), 'run.json'), runDocument.parse)) ?? name;
    }),
  );
  return {
    runs: found.filter((run): run is RunDocument => typeof run === 'object' && run.pipeline === pipeline),
    unreadable: found.filter((run) => typeof run === 'string'),
  };
}

/** MR636 where runs that ended here cannot be read. */
export function unreadableRuns(root: Root, unreadable: readonly string[]): Issue[] {
  if (unreadable.length === 0) return [];
  const message = `${unreadable.length} of the runs cannot be read and are left out: ${unreadable.slice(0, 3).join(', ')}`;
  return [
    {
      code: 'MR636',
      path: root.runs(),
      message,
      hint: 'delete these folders, or leave them: tables and bookmarks do not need them',
    },
  ];
}
