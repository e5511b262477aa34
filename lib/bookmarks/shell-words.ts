/** Paths as words of a shell, so that a command can be copied. */
export const shellWords = (paths: readonly string[]) =>
  paths.map((path) => (/^[\w./=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)).join(' ');
