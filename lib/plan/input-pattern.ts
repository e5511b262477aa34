/**
 * Which files below a data directory are the input of a source: one rule for a folder of this machine and for a bucket. Pure. Paths are
 * relative to the data directory, with `/` between their parts.
 *
 * `*` stands for any characters of one part, `**` as a whole part for any number of parts; every other character is itself. A folder
 * that fits the pattern is read with all that lies in it, as Spark writes `people/x.csv/part-00000.csv`. Folders `name=value` of
 * declared partitions may lie anywhere between.
 */
export interface InputPattern {
  path: string;
  /** Names of the partition columns. */
  partitions: readonly string[];
}

/** Why a file or folder that lies among the inputs is not one. A name that ends in a slash is a folder with all that is in it. */
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

/** Ends a name as long as its writer is not done. */
const unfinished = /(\.tmp|\.temp|\.part|\.partial|\.filepart|\.crdownload|\.inprogress|\._COPYING_|~)$/;

/** The folder that all inputs lie below, ending in a slash: the parts before the first `*`, without the file's own name. */
export function folderOf(pattern: string): string {
  const parts = pattern.split('/').slice(0, -1);
  const first = parts.findIndex((part) => part.includes('*'));
  return `${(first < 0 ? parts : parts.slice(0, first)).join('/')}/`;
}

/** Whether inputs may lie in any folder below that of the pattern, so that all of it has to be listed. */
export const reachesFolders = ({ path, partitions }: InputPattern): boolean =>
  partitions.length > 0 || folderOf(path).length < path.lastIndexOf('/') + 1;

/** What a lister has to do with a folder, whose path ends in a slash: look into it, or leave it as `Ignored` says. */
export function entered(folder: string, pattern: InputPattern): Ignored | undefined {
  const reason = hiddenPart(folder, pattern);
  if (reason !== undefined) return { path: reason, reason: 'hidden' };
  const parts = folder.slice(0, -1).split('/');
  if (reachesFolders(pattern) || fits(parts, pattern)) return undefined;
  return { path: folder, reason: 'not like the pattern' };
}

/** Undefined for a file that is an input, else why it is none. */
export function leftOut(file: string, pattern: InputPattern): Ignored | undefined {
  const hidden = hiddenPart(file, pattern);
  if (hidden !== undefined) return { path: hidden, reason: 'hidden' };
  if (!fits(file.split('/'), pattern)) {
    return { path: file, reason: unfinished.test(file) ? 'still being written' : 'not like the pattern' };
  }
  // A pattern that names such an ending itself means it.
  return unfinished.test(file) && !unfinished.test(pattern.path)
    ? { path: file, reason: 'still being written' }
    : undefined;
}

/** The path up to its first hidden part, one that begins with `.` or `_`, ending in a slash where that is a folder. */
function hiddenPart(path: string, pattern: InputPattern): string | undefined {
  const from = folderOf(pattern.path).length;
  const parts = path.slice(from).split('/');
  const at = parts.findIndex((part) => /^[._]/.test(part) && partitionOf(part, pattern) === undefined);
  if (at < 0) return undefined;
  return path.slice(0, from) + parts.slice(0, at + 1).join('/') + (at < parts.length - 1 ? '/' : '');
}

/** Whether a file's path, or that of a folder which it lies in, is like the pattern, with or without its partitions. */
function fits(parts: readonly string[], pattern: InputPattern): boolean {
  const wanted = pattern.path.split('/');
  const bare = parts.filter((part, at) => at === parts.length - 1 || partitionOf(part, pattern) === undefined);
  return beginsLike(parts, wanted) || (bare.length < parts.length && beginsLike(bare, wanted));
}

/**
 * Whether the parts are like the pattern, or the first of them, which then name a folder. `*` alone names files only: a folder beside
 * them is another thing. Takes parts times pattern steps, whatever the names.
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

/** `**` may also stand for no part at all. */
function reached(at: boolean[], wanted: readonly string[]): boolean[] {
  for (const [k, each] of wanted.entries()) if (each === '**' && at[k]) at[k + 1] = true;
  return at;
}

/** Whether one part of a path is like one part of a pattern, in time linear in their product. */
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
 * The partition values of a file by column, as its folders name them, with `%XX` decoded. Null is what Hive writes for a null. A
 * partition that no folder of the file names is absent.
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

/** `%XX` as bytes of UTF-8; a run of them that is no UTF-8, and any other `%`, stays as it is. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}
