import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { layout } from '../lake/layout.ts';
import { listFolders } from '../lake/objects.ts';
import { isLocked } from './file-lock.ts';
import type { Root } from './root.ts';

/** Removes the temporary rows of a run after any end of the run. */
export const removeScratch = (root: Root, run: string): Promise<void> =>
  rm(path.join(root.scratch(), run), { recursive: true, force: true }).catch(() => undefined);

/** Removes the temporary rows of killed runs. Runs in progress keep theirs. */
export async function sweepScratch(root: Root): Promise<void> {
  const info = await lstat(root.scratch()).catch(() => undefined);
  // Do not follow a link out of the root.
  if (!info?.isDirectory()) return;
  const pipelines = await listFolders(root.objects, layout.allRuns());
  for (const run of await readdir(root.scratch()).catch(() => [] as string[])) {
    const held = pipelines.map((pipeline) => isLocked(root.held(pipeline, run)).catch(() => true));
    if (!(await Promise.all(held)).includes(true)) await removeScratch(root, run);
  }
}
