import { access, lstat, mkdir, mkdtemp, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { MillraceError } from '../errors.ts';
import { systemFault } from './system-faults.ts';

/**
 * Creates a folder and its parents, one by one. Node's recursive `mkdir` loops forever if the system reports an existing parent as
 * missing, as below /proc.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const above = path.dirname(folder);
  if (above !== folder) await makeFolder(above);
  await mkdir(folder).catch(async (error: NodeJS.ErrnoException) => {
    // Another process created it first.
    if (error.code !== 'EEXIST' || !(await isFolder(folder))) throw error;
  });
}

/** The nearest existing folder: the folder itself or a parent. Throws if something else has the name. */
export async function nearestFolder(folder: string): Promise<string> {
  if (await isFolder(folder)) return folder;
  const above = path.dirname(folder);
  return above === folder ? folder : nearestFolder(above);
}

/** Throws MR527 if the root, or a parent of it, is not a folder; with `writes`, also if it is not writable. Leaves nothing behind. */
export async function usableRoot(root: string, writes: boolean): Promise<void> {
  try {
    const nearest = await nearestFolder(root);
    // Permissions are not enough: below /proc, root has write permission but cannot write.
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

export const exists = (place: string) =>
  access(place).then(
    () => true,
    () => false,
  );

async function isFolder(folder: string): Promise<boolean> {
  try {
    const info = await stat(folder);
    if (info.isDirectory()) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // Either a broken link, where no folder can be created, or a folder that another process has just created.
    const now = await lstat(folder).catch(() => undefined);
    if (now === undefined) return false;
    if (now.isDirectory()) return true;
  }
  throw Object.assign(new Error(`${folder} is not a folder`), {
    code: 'ENOTDIR',
    errno: -20,
    syscall: 'stat',
    path: folder,
  });
}
