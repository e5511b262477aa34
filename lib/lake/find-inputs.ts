import type { Issue } from '../errors.ts';
import { entered, folderOf, type Ignored, type InputPattern, leftOut, reachesFolders } from '../plan/input-pattern.ts';
import type { IngestTask } from '../plan/schema.ts';

/** The result of walking a folder. Paths are relative to the data directory; folder paths end in a slash. */
export interface Walked<File extends { path: string }> {
  files: File[];
  /** Folders that were not entered. */
  folders: string[];
  /** Entries that are not readable files. */
  ignored: Ignored[];
}

/** Lists a folder whose path ends in a slash. `deep`: with everything below it, except folders that begin with `.` or `_`. */
export type Walk<File extends { path: string }> = (folder: string, deep: boolean) => Promise<Walked<File>>;

export interface Found<File> {
  /** Sorted by path. */
  files: File[];
  ignored: Ignored[];
}

export const patternOf = (task: IngestTask): InputPattern => ({ path: task.path, partitions: task.partitions ?? [] });

/** The inputs of a source, and the entries among them that are not inputs. */
export async function findInputs<File extends { path: string }>(
  pattern: InputPattern,
  walk: Walk<File>,
): Promise<Found<File>> {
  const top = await walk(folderOf(pattern.path), reachesFolders(pattern));
  const closed = top.folders.flatMap((folder) => entered(folder, pattern) ?? []);
  const open = top.folders.filter((folder) => entered(folder, pattern) === undefined);
  const below = await Promise.all(open.map((folder) => walk(folder, true)));
  const all = [top, ...below];
  closed.push(...below.flatMap(({ folders }) => folders.flatMap((folder) => entered(folder, pattern) ?? [])));
  const files = all.flatMap((walked) => walked.files);
  const left = files.map((file) => leftOut(file.path, pattern));
  // All files of a hidden folder give the same entry.
  const ignored = [...closed, ...all.flatMap((walked) => walked.ignored), ...left.flatMap((each) => each ?? [])];
  return {
    files: files.filter((_, at) => left[at] === undefined).sort(byPath),
    ignored: [...new Map(ignored.map((each) => [each.path, each])).values()].sort(byPath),
  };
}

const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

/**
 * Issues about the inputs of all sources: warnings MR220 for files that no source reads, and errors MR202 for a source without
 * inputs. `place` returns the location of a folder of the data directory.
 */
export function judgeInputs(
  found: readonly { task: IngestTask; files: readonly { path: string }[]; ignored: readonly Ignored[] }[],
  place: (folder: string) => string,
): { warnings: Issue[]; issues: Issue[] } {
  const read = new Set(found.flatMap(({ files }) => files.flatMap(({ path }) => [path, ...foldersOf(path)])));
  const warnings: Issue[] = [];
  const issues: Issue[] = [];
  const named = new Set<string>();
  for (const { task, files, ignored } of found) {
    // Files that two sources of one folder skip are reported once.
    const unread = ignored.filter(({ path }) => !read.has(path) && !named.has(path));
    for (const { path } of unread) named.add(path);
    const path = place(folderOf(task.path));
    if (files.length === 0 && !task.optional) {
      const hint = unread.length === 0 ? 'put files there' : `files that are not read: ${listed(unread, task)}`;
      issues.push({
        code: 'MR202',
        path,
        message: `source "${task.name}" has no file that matches ${task.path}`,
        hint,
      });
    } else if (unread.length > 0) {
      const message = `source "${task.name}" does not read ${listed(unread, task)}`;
      warnings.push({ code: 'MR220', path, message, hint: wayToRead(unread, task) });
    }
  }
  return { warnings, issues };
}

function* foldersOf(path: string): Generator<string> {
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) yield path.slice(0, at + 1);
}

const mostNamed = 5;

/** `a.txt, b.txt (not like the pattern), .x (hidden), and 3 more`. */
function listed(unread: readonly Ignored[], task: IngestTask): string {
  const from = folderOf(task.path).length;
  const named = unread.slice(0, mostNamed);
  const reasons = [...new Set(named.map(({ reason }) => reason))];
  const groups = reasons.map((reason) => {
    const names = named.filter((each) => each.reason === reason).map(({ path }) => printable(path.slice(from)));
    return `${names.join(', ')} (${reason})`;
  });
  const more = unread.length - named.length;
  return `${groups.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function wayToRead(unread: readonly Ignored[], { path }: IngestTask): string {
  const unlike = unread.filter(({ reason }) => reason === 'not like the pattern');
  const partition = unlike.map((each) => /(?:^|\/)([A-Za-z]\w*)=/.exec(each.path)?.[1]).find((name) => name);
  if (partition !== undefined)
    return `to read its partitions, add partitions: { ${partition}: 'string' } in the source`;
  if (unlike.some((each) => each.path.endsWith('/'))) {
    const at = path.lastIndexOf('/') + 1;
    return `to read the folders too, set path: '${path.slice(0, at)}**/${path.slice(at)}'`;
  }
  return unlike.length > 0
    ? `to read them, change the path of the source, ${path}`
    : 'nothing to do if this is intended';
}

/** Escapes control characters, because the name is shown on a terminal. */
const printable = (name: string) =>
  name.replace(/[\p{Cc}\p{Cf}]/gu, (each) => `\\u{${each.codePointAt(0)!.toString(16)}}`);
