import { type FileHandle, open } from 'node:fs/promises';
import { MillraceError } from '../errors.ts';
import { onDisk } from './system-faults.ts';

/** A lock that this process holds. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * Locks a file; undefined if another process holds the lock. The system releases the lock when the process ends in any way. The file's
 * content does not matter. It is never removed, because a waiting process would then hold the lock of a deleted file.
 */
export async function tryToLock(file: string): Promise<Lock | undefined> {
  const handle = await onDisk(() => open(file, 'a+'));
  if (await locked(handle, file, false)) return { release: () => handle.close() };
  await handle.close();
  return undefined;
}

/** Whether any process holds the lock of a file; false if the file does not exist. Does not block other checks. */
export async function isLocked(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (handle === undefined) return false;
  try {
    return !(await locked(handle, file, true));
  } finally {
    await handle.close();
  }
}

/** Runs an action while holding the lock of a file. Throws MR504 if another process holds the lock for that long. */
export async function exclusively<T>(file: string, action: () => Promise<T>, seconds = 60): Promise<T> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const lock = await tryToLock(file);
    if (lock !== undefined) {
      try {
        return await action();
      } finally {
        await lock.release();
      }
    }
    if (Date.now() > until) {
      const message = `another process has held the lock of the state for more than ${seconds} seconds`;
      const hint = `find it with \`fuser ${file}\` and end it, then run again`;
      throw new MillraceError([{ code: 'MR504', path: file, message, hint }]);
    }
    // Random delay, so that waiting processes do not retry at the same time.
    await new Promise((resolve) => setTimeout(resolve, 2 + Math.random() * 10));
  }
}

async function locked(handle: FileHandle, file: string, shared: boolean): Promise<boolean> {
  try {
    const { tryLock } = await import('fs-native-extensions');
    return tryLock(handle.fd, { shared });
  } catch (error) {
    await handle.close().catch(() => undefined);
    const message = `files cannot be locked here: ${(error as Error).message.split('\n')[0]}`;
    const hint = 'choose a root on another disk with --root: without locks, two runs could read the same input';
    throw new MillraceError([{ code: 'MR530', path: file, message, hint }], 5);
  }
}
