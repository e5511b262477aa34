import { type Issue, MillraceError } from '../errors.ts';

const kinds: Record<string, Pick<Issue, 'code' | 'message' | 'hint'>> = {
  ...each(
    ['ENOSPC', 'EDQUOT'],
    'MR501',
    'the disk is full',
    'free some space and run again; no published data is lost',
  ),
  ...each(
    ['EACCES', 'EPERM', 'EROFS'],
    'MR508',
    'it cannot be read or written',
    'change its permissions, or choose another folder with --root',
  ),
  ...each(
    ['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'ELOOP', 'ENAMETOOLONG', 'ENODEV', 'ENXIO', 'EINVAL'],
    'MR525',
    'there is no such file or folder, or something else has its name',
    'check the path; move what is in the way, or choose another folder with --root',
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
    'the disk does not respond',
    'check the disk, then run again; no published data is lost',
  ),
};

/**
 * A system or disk error as an issue, with its file; undefined for any other error. `place`: the file, because an error of an open file
 * does not name it.
 */
export function systemFault(error: unknown, place?: string): MillraceError | undefined {
  const { code, path, dest, syscall, errno } = (error ?? {}) as NodeJS.ErrnoException & { dest?: string };
  if (code === undefined || errno === undefined || syscall === undefined) return undefined;
  const kind = kinds[code];
  if (kind === undefined) return undefined;
  const { code: mr, message, hint } = kind;
  return new MillraceError(
    [{ code: mr, path: path ?? dest ?? place ?? syscall, message: `${message} (${code})`, hint }],
    5,
  );
}

/** Whether the last output of a process reports a full disk: it could not write an issue any more. */
export const endedByFullDisk = (text: string): boolean => text.includes('No space left on device');

/** Runs an action and throws system errors as issues. */
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
