import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Issue } from '../errors.ts';
import type { Listing } from '../plan/diff.ts';
import type { IngestTask, Plan } from '../plan/schema.ts';
import { suggestion } from '../plan/suggest.ts';

type Known = Record<string, { stamp: string; etag: string }>;

/**
 * The input files of each source below `folder`, with content hashes. A hash is remembered by path, size, inode and times in
 * `cacheFile`, so that an unchanged file is not read again. Issues: MR201 no folder, MR202 no files in it.
 */
export async function listInputs(
  plan: Plan,
  folder: string,
  cacheFile: string,
): Promise<{ listing: Listing; issues: Issue[] }> {
  const known = await readFile(cacheFile, 'utf8').then(
    (text) => JSON.parse(text) as Known,
    () => ({}) as Known,
  );
  const seen: Known = {};
  const listing: Record<string, Listing[string]> = {};
  const issues: Issue[] = [];
  for (const task of plan.tasks) {
    if (task.kind !== 'ingest') continue;
    const { files, issue } = await filesOf(task, folder);
    if (issue !== undefined) issues.push(issue);
    const listed = [];
    for (const uri of files) {
      const entry = await hashed(uri, known, seen);
      if (entry === undefined) continue;
      listed.push({ path: path.relative(folder, uri).split(path.sep).join('/'), uri, ...entry });
    }
    listing[task.name] = listed;
  }
  await writeFile(`${cacheFile}.tmp`, JSON.stringify({ ...known, ...seen }));
  await rename(`${cacheFile}.tmp`, cacheFile);
  return { listing, issues };
}

async function filesOf(task: IngestTask, folder: string): Promise<{ files: string[]; issue?: Issue }> {
  const below = path.dirname(task.path);
  const ending = path.basename(task.path).slice(1);
  const wanted = path.join(folder, below);
  const names = await readdir(wanted).catch(() => undefined);
  if (names === undefined) {
    if (task.optional) return { files: [] };
    const beside = await readdir(folder).catch(() => [] as string[]);
    return {
      files: [],
      issue: {
        code: 'MR201',
        path: wanted,
        message: `the folder of source "${task.name}" does not exist`,
        hint: `point --data at the folder that holds ${below}/; ${suggestion(below, beside)}`,
      },
    };
  }
  // Hidden files and those a writer is not done with are nobody's input.
  const files = names.filter((name) => name.endsWith(ending) && !/^[._]/.test(name)).sort();
  if (files.length === 0 && !task.optional) {
    const hint =
      names.length > 0 ? `it holds ${names.slice(0, 5).join(', ')}: put *${ending} files there` : 'put files there';
    return {
      files: [],
      issue: { code: 'MR202', path: wanted, message: `source "${task.name}" has no file like ${task.path}`, hint },
    };
  }
  return { files: files.map((name) => path.join(wanted, name)) };
}

async function hashed(uri: string, known: Known, seen: Known): Promise<{ etag: string; size: number } | undefined> {
  const info = await stat(uri, { bigint: true }).catch(() => undefined);
  if (info === undefined || !info.isFile()) return undefined;
  const stamp = `${info.size}/${info.ino}/${info.mtimeNs}/${info.ctimeNs}`;
  const remembered = known[uri];
  const etag = remembered?.stamp === stamp ? remembered.etag : await contentHash(uri);
  seen[uri] = { stamp, etag };
  return { etag, size: Number(info.size) };
}

async function contentHash(uri: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(uri, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
