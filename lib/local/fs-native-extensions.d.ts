/** Types for the used part of the package, which has none. */
declare module 'fs-native-extensions' {
  /** Locks an open file; the system releases the lock when the file is closed. False if another open file holds a lock. */
  export function tryLock(fd: number, options?: { shared?: boolean }): boolean;
}
