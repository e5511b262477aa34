import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isLocked } from './file-lock.ts';
import type { Root } from './root.ts';

/** Removes what the engine kept of rows while a run worked: at its end, whatever that was. */
export const removeScratch = (root: Root, run: string): Promise<void> =>
  rm(path.join(root.scratch(), run), { recursive: true, force: true }).catch(() => undefined);

/** Removes what runs left that were killed together with their engine. Runs that a process still works on keep theirs. */
export async function sweepScratch(root: Root): Promise<void> {
  const info = await lstat(root.scratch()).catch(() => undefined);
  // A link would lead out of the root.
  if (!info?.isDirectory()) return;
  for (const run of await readdir(root.scratch()).catch(() => [] as string[])) {
    if (!(await isLocked(root.held(run)).catch(() => true))) await removeScratch(root, run);
  }
}
