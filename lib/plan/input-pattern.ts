/**
 * Which files below a data directory are inputs of a source: the same rule for local folders and S3 buckets. Paths are relative to the
 * data directory, with `/` between their parts.
 *
 * `*` matches any characters of one part, `**` as a whole part any number of parts; every other character matches itself. A folder that
 * matches the pattern is read with everything in it, because Spark writes `people/x.csv/part-00000.csv`. Folders `name=value` of
 * declared partitions may occur anywhere in between.
 */
export interface InputPattern {
  path: string;
  /** Names of the partition columns. */
  partitions: readonly string[];
}

/** Why a file or folder is not an input. A path that ends in a slash is a folder with everything in it. */
export interface Ignored {
  path: string;
  reason:
    | 'hidden'
    | 'not like the pattern'
    | 'still being written'
    | 'a broken link'
    | 'a link to a folder around it'
    | 'not a file';
}

/** Endings of files that are still being written. */
const unfinished = /(\.tmp|\.temp|\.part|\.partial|\.filepart|\.crdownload|\.inprogress|\._COPYING_|~)$/;

/** The folder of all inputs, ending in a slash: the parts before the first `*`, without the file name. */
export function folderOf(pattern: string): string {
  const parts = pattern.split('/').slice(0, -1);
  const first = parts.findIndex((part) => part.includes('*'));
  return `${(first < 0 ? parts : parts.slice(0, first)).join('/')}/`;
}

/** Whether inputs may be in any subfolder of the pattern's folder, so that the listing must be deep. */
export const reachesFolders = ({ path, partitions }: InputPattern): boolean =>
  partitions.length > 0 || folderOf(path).length < path.lastIndexOf('/') + 1;

/** Whether to enter a folder, whose path ends in a slash: undefined to enter it, otherwise why it is ignored. */
export function entered(folder: string, pattern: InputPattern): Ignored | undefined {
  const reason = hiddenPart(folder, pattern);
  if (reason !== undefined) return { path: reason, reason: 'hidden' };
  const parts = folder.slice(0, -1).split('/');
  if (reachesFolders(pattern) || fits(parts, pattern)) return undefined;
  return { path: folder, reason: 'not like the pattern' };
}

/** Undefined for an input, otherwise why the file is ignored. */
export function leftOut(file: string, pattern: InputPattern): Ignored | undefined {
  const hidden = hiddenPart(file, pattern);
  if (hidden !== undefined) return { path: hidden, reason: 'hidden' };
  if (!fits(file.split('/'), pattern)) {
    return { path: file, reason: unfinished.test(file) ? 'still being written' : 'not like the pattern' };
  }
  // Unless the pattern itself has such an ending.
  return unfinished.test(file) && !unfinished.test(pattern.path)
    ? { path: file, reason: 'still being written' }
    : undefined;
}

/** The path up to its first hidden part (beginning with `.` or `_`), ending in a slash for a folder. */
function hiddenPart(path: string, pattern: InputPattern): string | undefined {
  const from = folderOf(pattern.path).length;
  const parts = path.slice(from).split('/');
  const at = parts.findIndex((part) => /^[._]/.test(part) && partitionOf(part, pattern) === undefined);
  if (at < 0) return undefined;
  return path.slice(0, from) + parts.slice(0, at + 1).join('/') + (at < parts.length - 1 ? '/' : '');
}

/** Whether a file's path, or that of one of its folders, matches the pattern, with or without partition folders. */
function fits(parts: readonly string[], pattern: InputPattern): boolean {
  const wanted = pattern.path.split('/');
  const bare = parts.filter((part, at) => at === parts.length - 1 || partitionOf(part, pattern) === undefined);
  return beginsLike(parts, wanted) || (bare.length < parts.length && beginsLike(bare, wanted));
}

/**
 * Whether all parts match the pattern, or the first ones, which are then a folder. `*` alone matches only files, not folders. Takes
 * (parts x pattern) steps for any names.
 */
function beginsLike(parts: readonly string[], wanted: readonly string[]): boolean {
  const folders = wanted.at(-1) !== '*';
  // `at[k]`: whether the parts so far are like the first k of the pattern.
  let at = reached([true, ...wanted.map(() => false)], wanted);
  for (const part of parts) {
    const before = at;
    const next = wanted.map((each, k) => (each === '**' ? before[k + 1]! : before[k]! && partLike(part, each)));
    at = reached([false, ...next], wanted);
    if (folders && at[wanted.length]) return true;
  }
  return at[wanted.length]!;
}

/** `**` also matches zero parts. */
function reached(at: boolean[], wanted: readonly string[]): boolean[] {
  for (const [k, each] of wanted.entries()) if (each === '**' && at[k]) at[k + 1] = true;
  return at;
}

/** Whether one part of a path matches one part of a pattern, in time linear in their product. */
function partLike(part: string, wanted: string): boolean {
  const [first, ...rest] = wanted.split('*');
  if (rest.length === 0) return part === wanted;
  if (!part.startsWith(first!)) return false;
  let from = first!.length;
  for (const between of rest.slice(0, -1)) {
    const found = part.indexOf(between, from);
    if (found < 0) return false;
    from = found + between.length;
  }
  const last = rest.at(-1)!;
  return part.length - last.length >= from && part.endsWith(last);
}

/**
 * The partition values of a file, from its folder names, with `%XX` decoded. Null for Hive's null marker. Partitions without a folder are
 * absent.
 */
export function partitionsOf(file: string, pattern: InputPattern): Record<string, string | null> {
  const folders = file.split('/').slice(0, -1);
  return Object.fromEntries(folders.flatMap((folder) => [partitionOf(folder, pattern) ?? []].filter(isPair)));
}

const isPair = (entry: readonly unknown[]): entry is [string, string | null] => entry.length === 2;

function partitionOf(folder: string, { partitions }: InputPattern): [string, string | null] | undefined {
  const at = folder.indexOf('=');
  const name = at < 0 ? undefined : decoded(folder.slice(0, at));
  if (name === undefined || !partitions.includes(name)) return undefined;
  const value = folder.slice(at + 1);
  return [name, value === '__HIVE_DEFAULT_PARTITION__' ? null : decoded(value)];
}

/** Decodes `%XX` as UTF-8 bytes; sequences that are not valid UTF-8, and any other `%`, are unchanged. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}
