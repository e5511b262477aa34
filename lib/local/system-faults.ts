import { type Issue, MillraceError } from '../errors.ts';

const kinds: Record<string, Pick<Issue, 'code' | 'message' | 'hint'>> = {
  ...each(
    ['ENOSPC', 'EDQUOT'],
    'MR501',
    'the disk is full',
    'free some space and run again: nothing published is lost',
  ),
  ...each(
    ['EACCES', 'EPERM', 'EROFS'],
    'MR508',
    'it may not be read or written',
    'give the rights to it, or choose another folder with --root',
  ),
  ...each(
    ['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'ELOOP', 'ENAMETOOLONG', 'ENODEV', 'ENXIO', 'EINVAL'],
    'MR525',
    'there is no such file or folder, or something else has its name',
    'look at what lies there; move it away, or choose another folder with --root',
  ),
  ...each(
    ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'],
    'MR526',
    'this machine has too few resources',
    'stop other programs, or raise `ulimit -n`, and run again',
  ),
  ...each(
    ['EIO', 'ESTALE', 'EBUSY', 'ENOLCK', 'EREMOTEIO'],
    'MR526',
    'the disk does not answer',
    'check the disk, then run again: nothing published is lost',
  ),
};

/** What a disk or the system refused, with the file it is about; undefined for any other error. */
export function systemFault(error: unknown): MillraceError | undefined {
  const { code, path, dest, syscall, errno } = (error ?? {}) as NodeJS.ErrnoException & { dest?: string };
  if (code === undefined || errno === undefined || syscall === undefined) return undefined;
  const kind = kinds[code];
  if (kind === undefined) return undefined;
  const { code: mr, message, hint } = kind;
  return new MillraceError([{ code: mr, path: path ?? dest ?? syscall, message: `${message} (${code})`, hint }], 5);
}

/** Whether what a process wrote last says that the disk is full: it ended before it could say so as an issue. */
export const endedByFullDisk = (text: string): boolean => text.includes('No space left on device');

/** Does an action, and throws what the system refused as a fault. */
export async function onDisk<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw systemFault(error) ?? error;
  }
}

function each(codes: readonly string[], code: string, message: string, hint: string): typeof kinds {
  return Object.fromEntries(codes.map((name) => [name, { code, message, hint }]));
}
