/** Paths quoted for a shell, so that a command can be pasted. */
export const shellWords = (paths: readonly string[]) =>
  paths.map((path) => (/^[\w./=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)).join(' ');
