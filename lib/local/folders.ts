import { lstat, mkdir, mkdtemp, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { MillraceError } from '../errors.ts';
import { systemFault } from './system-faults.ts';

/**
 * Makes a folder and those above it, one by one. Node's recursive `mkdir` never ends where the system says that the folder above is not
 * there although it is, as below /proc.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const above = path.dirname(folder);
  if (above !== folder) await makeFolder(above);
  await mkdir(folder).catch(async (error: NodeJS.ErrnoException) => {
    // Another process was faster.
    if (error.code !== 'EEXIST' || !(await isFolder(folder))) throw error;
  });
}

/** The nearest folder that is there: the folder itself, or one above it. Throws where something else is in the way. */
export async function nearestFolder(folder: string): Promise<string> {
  if (await isFolder(folder)) return folder;
  const above = path.dirname(folder);
  return above === folder ? folder : nearestFolder(above);
}

/** Throws MR527 where a root is, or lies below, something that is no folder; with `writes`, also where nothing can be made there.
 * Leaves nothing behind. */
export async function usableRoot(root: string, writes: boolean): Promise<void> {
  try {
    const nearest = await nearestFolder(root);
    // Rights alone do not tell: below /proc the system's own user may write by its rights, and cannot.
    if (writes) await rmdir(await mkdtemp(path.join(nearest, '.millrace-')));
  } catch (error) {
    const fault = systemFault(error)?.issues[0];
    if (fault === undefined) throw error;
    if (fault.code === 'MR501' || fault.code === 'MR526') throw new MillraceError([fault], 5);
    const message = `the root cannot be used: ${fault.message}`;
    const hint = 'choose a folder that you may write to with --root';
    throw new MillraceError([{ code: 'MR527', path: root, message, hint }], 5);
  }
}

async function isFolder(folder: string): Promise<boolean> {
  try {
    const info = await stat(folder);
    if (info.isDirectory()) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // A link that leads nowhere is there, and no folder can be made in its place; a folder was made just now by another process.
    const now = await lstat(folder).catch(() => undefined);
    if (now === undefined) return false;
    if (now.isDirectory()) return true;
  }
  throw Object.assign(new Error(`${folder} is no folder`), {
    code: 'ENOTDIR',
    errno: -20,
    syscall: 'stat',
    path: folder,
  });
}
