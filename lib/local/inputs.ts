import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { Listing } from '../bookmarks/decide.ts';
import { type Issue, MillraceError } from '../errors.ts';
import { readCache } from '../lake/documents.ts';
import { type Found, findInputs, judgeInputs, patternOf, type Walked } from '../lake/find-inputs.ts';
import { layout } from '../lake/layout.ts';
import type { Objects } from '../lake/objects.ts';
import { folderOf, type Ignored, type InputPattern } from '../plan/input-pattern.ts';
import type { IngestTask, Plan } from '../plan/schema.ts';
import { listsFiles } from '../plan/task-kinds.ts';
import { whereIsData } from './data-folder.ts';

const knownFiles = z.record(z.string(), z.object({ stamp: z.string(), etag: z.string() }));
type Known = z.infer<typeof knownFiles>;

/** The key of the cached hashes. */
const hashes = `${layout.cache()}hashes.json`;

interface File {
  path: string;
  /** Its name on the disk is not UTF-8, so no text leads to it. */
  misnamed: boolean;
}

/**
 * The input files of each source below `folder`, with content hashes. `cache` keeps them, so that a file with the same path, size, inode
 * and times is not read again, unless it changed just now. Issues: MR201 missing folder, MR202 no matching files, MR223 unreadable files and names that are not UTF-8. Warnings: MR220 files that
 * no source reads.
 */
export async function listInputs(
  plan: Plan,
  folder: string,
  cache: Objects,
): Promise<{ listing: Listing; warnings: Issue[]; issues: Issue[] }> {
  const known = (await readCache(cache, hashes, knownFiles.parse)) ?? {};
  const seen: Known = {};
  const listing: Record<string, Listing[string]> = {};
  const found: { task: IngestTask; files: File[]; ignored: Ignored[] }[] = [];
  const missing: Issue[] = [];
  for (const task of plan.tasks.filter(listsFiles)) {
    const absent = await absence(task, folder);
    if (absent !== undefined && !task.optional) missing.push(absent);
    const inputs = absent === undefined ? await filesLike(patternOf(task), folder) : { files: [], ignored: [] };
    if (absent === undefined) found.push({ task, ...inputs });
    const listed = [];
    for (const file of inputs.files) {
      const uri = path.join(folder, file.path);
      if (file.misnamed) throw misnamed(uri);
      const entry = await readable(uri, () => hashed(uri, known, seen));
      if (entry !== undefined) listed.push({ path: file.path, uri, ...entry });
    }
    listing[task.name] = listed;
  }
  // If the cache cannot be written, the next listing reads every file again.
  await cache.write(hashes, JSON.stringify({ ...known, ...seen })).catch(() => undefined);
  const { warnings, issues } = judgeInputs(found, (below) => path.join(folder, below));
  return { listing, warnings, issues: [...missing, ...issues] };
}

/** MR201 if the folder of a source is missing. */
async function absence(task: IngestTask, folder: string): Promise<Issue | undefined> {
  const below = folderOf(task.path);
  const wanted = path.join(folder, below);
  const info = await stat(wanted).catch((error: NodeJS.ErrnoException) => error);
  if (info instanceof Error && info.code !== 'ENOENT' && info.code !== 'ENOTDIR') throw unreadable(wanted, info);
  if (!(info instanceof Error) && info.isDirectory()) return undefined;
  const message =
    info instanceof Error && info.code === 'ENOENT'
      ? `the folder of source "${task.name}" does not exist`
      : `the folder of source "${task.name}" is a file, or inside one`;
  const hint = await whereIsData(folder, below.slice(0, -1));
  return { code: 'MR201', path: wanted, message, hint };
}

/** The files below `data` that a source with this pattern reads, and the entries that it ignores. */
export const filesLike = (pattern: InputPattern, data: string): Promise<Found<File>> =>
  findInputs<File>(pattern, (below, deep) => walk(data, below, deep, []));

/** `within`: the real paths of the parent folders, so that a link to one of them is not followed forever. */
async function walk(data: string, below: string, deep: boolean, within: readonly string[]): Promise<Walked<File>> {
  const walked: Walked<File> = { files: [], folders: [], ignored: [] };
  const here = path.join(data, below);
  const real = await readable(here, () => realpath(here));
  const entries = await readable(here, () => readdir(here, { withFileTypes: true, encoding: 'buffer' }));
  for (const entry of entries) {
    const name = entry.name.toString();
    const file = below + name;
    const kind = await kindOf(path.join(here, name), entry);
    if (kind === 'file') walked.files.push({ path: file, misnamed: !isUtf8(entry.name) });
    else if (kind !== 'folder') walked.ignored.push({ path: file, reason: kind });
    else if (!deep || /^[._]/.test(name)) walked.folders.push(`${file}/`);
    else if (!isUtf8(entry.name)) throw misnamed(path.join(here, name));
    else if ([...within, real].includes(await realpath(path.join(here, name)))) {
      walked.ignored.push({ path: `${file}/`, reason: 'a link to a folder around it' });
    } else {
      const inner = await walk(data, `${file}/`, true, [...within, real]);
      walked.files.push(...inner.files);
      walked.folders.push(...inner.folders);
      walked.ignored.push(...inner.ignored);
    }
  }
  return walked;
}

type Kind = 'file' | 'folder' | 'a broken link' | 'not a file';

async function kindOf(place: string, entry: Pick<Dirent, 'isFile' | 'isDirectory'>): Promise<Kind> {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  const info = await stat(place).catch(() => undefined);
  if (info === undefined) return 'a broken link';
  return info.isFile() ? 'file' : info.isDirectory() ? 'folder' : 'not a file';
}

/** Throws MR223 if the place cannot be read. */
async function readable<T>(place: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw unreadable(place, error as NodeJS.ErrnoException);
  }
}

const misnamed = (path: string) =>
  new MillraceError([
    { code: 'MR223', path, message: 'the input cannot be read: its name is not UTF-8', hint: 'rename it' },
  ]);

const reasons: Record<string, string> = {
  EACCES: 'you have no permission to read it',
  EPERM: 'you have no permission to read it',
  ENOENT: 'it no longer exists',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'the disk failed to read it',
};

function unreadable(place: string, { code = '', message }: NodeJS.ErrnoException): MillraceError {
  const hint = code === 'ENOENT' ? 'run again' : 'change its permissions, or move it out of the folder';
  const issue = { code: 'MR223', path: place, message: `the input cannot be read: ${reasons[code] ?? message}`, hint };
  return new MillraceError([issue]);
}

/**
 * The longest step between two times of a disk, in milliseconds: FAT has 2 s, older ext disks 1 s. A file may change once more within
 * a step and keep its stamp, so the hash of a younger file is not kept.
 */
const coarsestClock = 2_000;

/** Undefined if the file has vanished since it was listed. */
async function hashed(uri: string, known: Known, seen: Known): Promise<{ etag: string; size: number } | undefined> {
  const info = await stat(uri, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (info === undefined) return undefined;
  const stamp = `${info.size}/${info.ino}/${info.mtimeNs}/${info.ctimeNs}`;
  const remembered = known[uri];
  const etag = remembered?.stamp === stamp ? remembered.etag : await contentHash(uri);
  if (Date.now() - Number(info.ctimeMs) > coarsestClock) seen[uri] = { stamp, etag };
  return { etag, size: Number(info.size) };
}

async function contentHash(uri: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(uri, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
