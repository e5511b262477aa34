/** The part of the package that is used here; it brings no types. */
declare module 'fs-native-extensions' {
  /** Takes a lock on a whole open file that the system gives back with the file. False where another open file holds one. */
  export function tryLock(fd: number, options?: { shared?: boolean }): boolean;
}
