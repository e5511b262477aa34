import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { x } from 'tinyexec';
import * as z from 'zod';
import { MillraceError } from '../errors.ts';
import { lackedPackage, pythonOf } from './python.ts';
import { projectFolder } from './root.ts';

const looked = z.object({
  delimiter: z.string().optional(),
  columns: z.array(
    z.object({
      name: z.string(),
      header: z.string(),
      type: z.string(),
      nullable: z.boolean(),
      holds: z.string().optional(),
    }),
  ),
  rows: z.int(),
  notes: z.array(z.string()),
});

export interface Discovered extends z.infer<typeof looked> {
  format: 'csv' | 'json' | 'parquet' | 'text';
  /** As a definition has it, below a data directory that is the parent of the folder. */
  path: string;
  /** The file that was looked at, of how many. */
  file: string;
  files: number;
  partitions: Record<string, string>;
}

const formats = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.txt': 'csv',
  '.json': 'json',
  '.jsonl': 'json',
  '.ndjson': 'json',
  '.log': 'text',
} as const;

/** What a source of these files would say, from a look at all of the largest one. Throws MR227 where there is no file to look at. */
export async function discover(place: string): Promise<Discovered> {
  const asked = path.resolve(place);
  const info = await stat(asked).catch(() => undefined);
  if (info === undefined) throw nothing(asked, 'there is no such file or folder');
  const folder = info.isDirectory() ? asked : path.dirname(asked);
  const names = info.isDirectory() ? await visible(asked) : [path.basename(asked)];
  const known = names.filter((name) => formatOf(name) !== undefined);
  if (known.length === 0)
    throw nothing(asked, 'no file here ends in .csv, .tsv, .txt, .json, .jsonl, .ndjson, .parquet or .log');
  const ending = mostCommon(known.map((name) => path.extname(name)));
  const files = known.filter((name) => path.extname(name) === ending);
  const sizes = await Promise.all(files.map(async (name) => (await stat(path.join(folder, name))).size));
  const file = files[sizes.indexOf(Math.max(...sizes))]!;
  const format = formatOf(file)!;
  const script = path.join(projectFolder, 'glue-scripts', 'discover.py');
  const said = await x(await pythonOf('sail'), [script, '--format', format, path.join(folder, file)]);
  if (said.exitCode !== 0) {
    const lacks = lackedPackage('sail', said.stderr.trim().split('\n').at(-1) ?? '');
    if (lacks !== undefined) throw new MillraceError([lacks], 5);
    throw nothing(path.join(folder, file), said.stderr.trim().split('\n').at(-1) ?? `it cannot be read as ${format}`);
  }
  const folders = files.flatMap((name) => name.split(path.sep).slice(0, -1));
  const partitions = partitionsOf(folders);
  const nested = folders.some((name) => partitions[name.slice(0, Math.max(0, name.indexOf('=')))] === undefined);
  const pattern = info.isDirectory() ? `${nested ? '**/' : ''}*${ending}` : path.basename(asked);
  return {
    ...looked.parse(JSON.parse(said.stdout)),
    ...{
      format,
      path: `${path.basename(folder)}/${pattern}`,
      file: path.join(folder, file),
      files: files.length,
      partitions,
    },
  };
}

/** Files of a folder and below, without those that are hidden. */
async function visible(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((name) => !name.split(path.sep).some((part) => /^[._]/.test(part)))
    .sort();
}

const formatOf = (name: string): Discovered['format'] | undefined =>
  name.endsWith('.parquet') ? 'parquet' : formats[path.extname(name) as keyof typeof formats];

function mostCommon(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]![0];
}

/** Partition columns by the names of folders: a date or an int where each value is one, else a string. */
function partitionsOf(folders: readonly string[]): Record<string, string> {
  const values: Record<string, string[]> = {};
  for (const folder of folders) {
    const [, name, value] = /^([A-Za-z][A-Za-z0-9_]*)=(.*)$/s.exec(folder) ?? [];
    if (name !== undefined && value !== '__HIVE_DEFAULT_PARTITION__') values[name] = [...(values[name] ?? []), value!];
  }
  const all = (of: readonly string[], like: RegExp) => of.every((value) => like.test(value));
  return Object.fromEntries(
    Object.entries(values).map(([name, of]) => {
      const nullable = folders.includes(`${name}=__HIVE_DEFAULT_PARTITION__`) ? '?' : '';
      const type = all(of, /^\d{4}-\d\d-\d\d$/) ? 'date' : all(of, /^\d{1,9}$/) ? 'int' : 'string';
      return [name, type + nullable];
    }),
  );
}

const nothing = (place: string, message: string) =>
  new MillraceError([
    { code: 'MR227', path: place, message, hint: 'name a file, or a folder of csv, JSON lines, Parquet or logs' },
  ]);
