import path from 'node:path';
import { type RunDocument, runDocument } from '../documents/run-document.ts';
import type { Issue } from '../errors.ts';
import { readCache } from '../lake/documents.ts';
import { layout } from '../lake/layout.ts';
import { listFolders } from '../lake/objects.ts';
import type { Root } from '../local/root.ts';
import { counted } from '../words.ts';

export interface KeptRuns {
  /** Sorted by name. */
  runs: RunDocument[];
  /** Folders with an unreadable `run.json`. Tables and bookmarks do not depend on it. */
  unreadable: string[];
}

/** The finished runs of a pipeline on this machine. */
export async function keptRuns(root: Root, pipeline: string): Promise<KeptRuns> {
  const names = await listFolders(root.objects, layout.runs(pipeline));
  const found = await Promise.all(
    names.map(async (name) => {
      const key = layout.document(pipeline, name);
      if (!(await root.objects.list(layout.run(pipeline, name))).includes(path.basename(key))) return undefined;
      return (await readCache(root.objects, key, runDocument.parse)) ?? name;
    }),
  );
  return {
    runs: found.filter((run): run is RunDocument => typeof run === 'object'),
    unreadable: found.filter((run) => typeof run === 'string'),
  };
}

/** MR636 if finished runs cannot be read. */
export function unreadableRuns(root: Root, pipeline: string, unreadable: readonly string[]): Issue[] {
  if (unreadable.length === 0) return [];
  const message = `left out ${counted(unreadable.length, 'unreadable run')}: ${unreadable.slice(0, 3).join(', ')}`;
  return [
    {
      code: 'MR636',
      path: root.runs(pipeline),
      message,
      hint: 'delete these folders or ignore them: tables and bookmarks do not depend on them',
    },
  ];
}
