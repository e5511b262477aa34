import { stat } from 'node:fs/promises';
import path from 'node:path';
import { x } from 'tinyexec';
import * as z from 'zod';
import { formats } from '../definition/formats/formats.ts';
import { MillraceError } from '../errors.ts';
import type { Ignored, InputPattern } from '../plan/input-pattern.ts';
import { filesLike } from './inputs.ts';
import { lackedPackage, pythonOf } from './python.ts';
import { projectFolder } from './root.ts';

const looked = z.object({
  format: z.enum(formats.map(({ name }) => name)),
  delimiter: z.string().optional(),
  /** Options of a source that are not the defaults. */
  options: z.record(z.string(), z.union([z.string(), z.number()])),
  columns: z.array(
    z.object({
      name: z.string(),
      header: z.string(),
      type: z.string(),
      nullable: z.boolean(),
      /** Of a csv: the type that a silver table may cast it to. */
      holds: z.string().optional(),
      /** Cells that do not fit. */
      note: z.string(),
    }),
  ),
  rows: z.int(),
  notes: z.array(z.string()),
});

export interface Discovered extends z.infer<typeof looked> {
  /** As a definition has it, below a data directory that is the parent of the folder. */
  path: string;
  /** The file that was looked at, of how many. */
  file: string;
  files: number;
  partitions: Record<string, string>;
  /** What lies there and a run would not read. */
  ignored: Ignored[];
}

const endings = [...new Set(formats.flatMap((format): readonly string[] => format.endings))];
const packed = /\.(gz|gzip|bz2|zst|zstd)$/i;

/**
 * What sources of these files would say, from a look at the largest file of each. A folder without files, whose folders hold other
 * columns than each other, is a source a folder. Throws MR227 where there is no file to look at.
 */
export async function discover(place: string): Promise<Discovered[]> {
  const asked = path.resolve(place);
  const info = await stat(asked).catch(() => undefined);
  if (info === undefined) throw nothing(asked, 'there is no such file or folder');
  if (!info.isDirectory()) return [await source(path.dirname(asked), [path.basename(asked)], true)];
  const all = `${path.basename(asked)}/`;
  const { files } = await filesLike({ path: `${all}**/*`, partitions: [] }, path.dirname(asked));
  const names = files.map((file) => file.path.slice(all.length));
  const known = names.filter((name) => formatsOf(name).length > 0);
  if (known.length === 0)
    throw nothing(asked, `no file here ends in ${endings.join(', ')}, or one of these and .gz, .bz2, .zst`);
  const folders = [...new Set(known.map((name) => name.split('/')[0]!))];
  const isSources = folders.length > 1 && known.every((name) => name.includes('/')) && folders.every(isName);
  if (isSources) {
    const each = await Promise.all(folders.map((folder) => discover(path.join(asked, folder))));
    const found = each.flat();
    const columns = new Set(found.map((one) => JSON.stringify([one.format, one.columns.map(({ header }) => header)])));
    if (columns.size > 1) return found;
  }
  return [await source(asked, known, false)];
}

/** A folder that may be a source of its own: no partition, and no part of a date. */
const isName = (folder: string) => /^[A-Za-z][A-Za-z_ -]*$/.test(folder);

/** The source that reads these files of a folder; `alone`: one file, by its name. */
async function source(folder: string, names: readonly string[], alone: boolean): Promise<Discovered> {
  const kind = mostCommon(names.map(kindOf));
  const chosen = names.filter((name) => kindOf(name) === kind);
  const sizes = await Promise.all(chosen.map(async (name) => (await stat(path.join(folder, name))).size));
  if (Math.max(...sizes) === 0) throw nothing(folder, 'all files are empty');
  const largest = chosen[sizes.indexOf(Math.max(...sizes))]!;
  const likely = formatsOf(largest);
  if (likely.length === 0) throw nothing(path.join(folder, largest), 'its ending says nothing of what it holds');
  const found = await lookAt(likely, path.join(folder, largest));
  const partitions = partitionsOf(chosen.flatMap((name) => name.split('/').slice(0, -1)));
  const pattern = `${path.basename(folder)}/${alone ? names[0] : patternOf(chosen, partitions)}`;
  const reading: InputPattern = { path: pattern, partitions: Object.keys(partitions) };
  // What a run lists by this pattern is what counts.
  const listed = await filesLike(reading, path.dirname(folder));
  const named = new Set(Object.keys(partitions).map((name) => name.toLowerCase()));
  const doubled = found.columns.filter(({ name }) => named.has(name.toLowerCase()));
  const notes = doubled.map(({ name }) => `${name} is in the files too; its value is taken from the folders`);
  return {
    ...found,
    columns: found.columns.filter((column) => !doubled.includes(column)),
    notes: [...found.notes, ...notes],
    path: pattern,
    file: path.join(folder, largest),
    files: listed.files.length,
    partitions,
    ignored: alone ? [] : listed.ignored,
  };
}

/** What the first of these formats that the file looks like would say; the last where it looks like none. */
async function lookAt(likely: readonly string[], file: string): Promise<z.infer<typeof looked>> {
  const script = path.join(projectFolder, 'glue-scripts', 'discover.py');
  const said = await x(await pythonOf('sail'), [script, '--formats', likely.join(','), file]);
  const last = said.stderr.trim().split('\n').at(-1) ?? '';
  if (said.exitCode !== 0) {
    const lacks = lackedPackage('sail', last);
    if (lacks !== undefined) throw new MillraceError([lacks], 5);
    throw nothing(file, last === '' ? `it cannot be read as ${likely.join(' or ')}` : last);
  }
  const found = looked.parse(JSON.parse(said.stdout));
  if (found.columns.length === 0) throw nothing(file, found.notes[0] ?? 'no column of it can be proposed');
  return found;
}

/** Files by their ending, below folders of any name but for those of partitions. */
function patternOf(chosen: readonly string[], partitions: Record<string, string>): string {
  const folders = chosen.flatMap((name) => name.split('/').slice(0, -1));
  const nested = folders.some((name) => partitions[name.slice(0, Math.max(0, name.indexOf('=')))] === undefined);
  const whole = new Set(chosen.map((name) => kindOf(name) + (packed.exec(name)?.[0] ?? '')));
  const ending = whole.size === 1 ? [...whole][0]! : `${kindOf(chosen[0]!)}*`;
  return `${nested ? '**/' : ''}*${ending}`;
}

/** The ending without that of an archive. */
const kindOf = (name: string) => path.extname(name.replace(packed, ''));

/** Formats that a file of this name may have. */
const formatsOf = (name: string): string[] =>
  formats.flatMap((format) =>
    (format.endings as readonly string[]).includes(kindOf(name).toLowerCase()) ? [format.name] : [],
  );

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
