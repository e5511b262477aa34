import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { readCache } from '../lake/documents.ts';
import { nearest } from '../plan/suggest.ts';
import { exists } from './folders.ts';
import { localObjects } from './objects.ts';

/** The hint for a data folder without the folder of a source, such as `orders` or `in/orders`. */
export async function whereIsData(data: string, wanted: string): Promise<string> {
  const [first = wanted] = wanted.split('/');
  if (path.basename(data) === first) return `use the folder that contains ${wanted}/: --data ${path.dirname(data)}`;
  const folders = await foldersIn(data).catch(() => []);
  const near = nearest(first, folders);
  if (near !== undefined && near !== first)
    return `did you mean ${near}/? Rename it to ${first}/, or change the path of the source`;
  return `set --data to the folder that contains ${wanted}/; ${listed(data, folders)}`;
}

/**
 * The hint for a missing data folder: the nearest name beside it, the only folder beside it that has the folders of all sources,
 * `asBefore`, or the existing folders.
 */
export async function whereElse(data: string, sources: readonly string[], asBefore?: string): Promise<string> {
  const parent = path.dirname(data);
  const folders = await foldersIn(parent).catch(() => undefined);
  if (folders === undefined)
    return parent === data ? 'check the path after --data' : whereElse(parent, sources, asBefore);
  const near = nearest(path.basename(data), folders);
  const meant = near ?? (await withSources(parent, folders, sources));
  if (meant !== undefined) return `did you mean --data ${path.join(parent, meant)}?`;
  return asBefore ?? `set --data to the folder with the input files; ${listed(parent, folders)}`;
}

/** The folder that has all of the sources' folders, if it is the only one. */
async function withSources(
  parent: string,
  folders: readonly string[],
  sources: readonly string[],
): Promise<string | undefined> {
  const wanted = sources.filter((source) => source !== '');
  if (wanted.length === 0) return undefined;
  const have = async (folder: string) =>
    (await Promise.all(wanted.map((source) => exists(path.join(parent, folder, source))))).every((each) => each);
  const holds = await Promise.all(folders.map(have));
  const [only, ...more] = folders.filter((_, i) => holds[i]);
  return more.length === 0 ? only : undefined;
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isFile() && !/^[._]/.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

const mostListed = 10;

function listed(folder: string, folders: readonly string[]): string {
  if (folders.length === 0) return `${folder} contains no folders`;
  const more = folders.length > mostListed ? ` and ${folders.length - mostListed} more` : '';
  return `${folder} contains ${folders
    .slice(0, mostListed)
    .map((name) => `${name}/`)
    .join(', ')}${more}`;
}

/** The metric that a perfect model would reach, from the generator's report, if the data were generated. */
export async function bestPossible(folder: string): Promise<number | undefined> {
  const report = await readCache(
    localObjects(folder),
    'generator.json',
    (json) => json as { best_possible?: unknown } | null,
  );
  return typeof report?.best_possible === 'number' ? report.best_possible : undefined;
}
