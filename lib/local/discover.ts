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

const inspection = z.object({
  format: z.enum(formats.map(({ name }) => name)),
  delimiter: z.string().optional(),
  /** Source options that differ from the defaults. */
  options: z.record(z.string(), z.union([z.string(), z.number()])),
  columns: z.array(
    z.object({
      name: z.string(),
      header: z.string(),
      type: z.string(),
      nullable: z.boolean(),
      /** For csv: the type that a silver table can cast the column to. */
      holds: z.string().optional(),
      /** Cells that do not fit. */
      note: z.string(),
    }),
  ),
  rows: z.int(),
  notes: z.array(z.string()),
});

export interface Discovered extends z.infer<typeof inspection> {
  /** Path for the definition, relative to a data directory that is the parent of the folder. */
  path: string;
  /** The inspected file; `files`: the number of files. */
  file: string;
  files: number;
  partitions: Record<string, string>;
  /** Files that a run would not read. */
  ignored: Ignored[];
}

const endings = [...new Set(formats.flatMap((format): readonly string[] => format.endings))];
const packed = /\.(gz|gzip|bz2|zst|zstd)$/i;

/**
 * Proposes sources from the largest file of each. If a folder contains only folders, and these have different columns, each folder is a
 * source. Throws MR227 if there is no file to inspect.
 */
export async function discover(place: string): Promise<Discovered[]> {
  const start = path.resolve(place);
  const info = await stat(start).catch(() => undefined);
  if (info === undefined) throw nothing(start, 'there is no such file or folder');
  if (!info.isDirectory()) return [await source(path.dirname(start), [path.basename(start)], true)];
  const all = `${path.basename(start)}/`;
  const { files } = await filesLike({ path: `${all}**/*`, partitions: [] }, path.dirname(start));
  const names = files.map((file) => file.path.slice(all.length));
  const known = names.filter((name) => formatsOf(name).length > 0);
  if (known.length === 0)
    throw nothing(start, `no file here ends in ${endings.join(', ')}, or one of these and .gz, .bz2, .zst`);
  const folders = [...new Set(known.map((name) => name.split('/')[0]!))];
  const isSources = folders.length > 1 && known.every((name) => name.includes('/')) && folders.every(isName);
  if (isSources) {
    const each = await Promise.all(folders.map((folder) => discover(path.join(start, folder))));
    const found = each.flat();
    const columns = new Set(found.map((one) => JSON.stringify([one.format, one.columns.map(({ header }) => header)])));
    if (columns.size > 1) return found;
  }
  return [await source(start, known, false)];
}

/** Whether a folder may be a separate source: not a partition, and not part of a date. */
const isName = (folder: string) => /^[A-Za-z][A-Za-z_ -]*$/.test(folder);

/** The source that reads these files of a folder; `alone`: a single file, by name. */
async function source(folder: string, names: readonly string[], alone: boolean): Promise<Discovered> {
  const kind = mostCommon(names.map(kindOf));
  const chosen = names.filter((name) => kindOf(name) === kind);
  const sizes = await Promise.all(chosen.map(async (name) => (await stat(path.join(folder, name))).size));
  if (Math.max(...sizes) === 0) throw nothing(folder, 'all files are empty');
  const largest = chosen[sizes.indexOf(Math.max(...sizes))]!;
  const likely = formatsOf(largest);
  if (likely.length === 0) throw nothing(path.join(folder, largest), 'its ending does not identify a known format');
  const found = await lookAt(likely, path.join(folder, largest));
  const partitions = partitionsOf(chosen.flatMap((name) => name.split('/').slice(0, -1)));
  const pattern = `${path.basename(folder)}/${alone ? names[0] : patternOf(chosen, partitions)}`;
  const reading: InputPattern = { path: pattern, partitions: Object.keys(partitions) };
  // Counts the files that a run would list with this pattern.
  const listed = await filesLike(reading, path.dirname(folder));
  const named = new Set(Object.keys(partitions).map((name) => name.toLowerCase()));
  const doubled = found.columns.filter(({ name }) => named.has(name.toLowerCase()));
  const notes = doubled.map(({ name }) => `${name} is also in the files; its value is taken from the folders`);
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

/** Inspects the file as the first matching format; if none matches, as the last. */
async function lookAt(likely: readonly string[], file: string): Promise<z.infer<typeof inspection>> {
  const script = path.join(projectFolder, 'glue-scripts', 'discover.py');
  const result = await x(await pythonOf('sail'), [script, '--formats', likely.join(','), file]);
  const last = result.stderr.trim().split('\n').at(-1) ?? '';
  if (result.exitCode !== 0) {
    const lacks = lackedPackage('sail', last);
    if (lacks !== undefined) throw new MillraceError([lacks], 5);
    throw nothing(file, last === '' ? `it cannot be read as ${likely.join(' or ')}` : last);
  }
  const found = inspection.parse(JSON.parse(result.stdout));
  if (found.columns.length === 0) throw nothing(file, found.notes[0] ?? 'no columns can be proposed');
  return found;
}

/** A pattern by file ending, including nested folders that are not partitions. */
function patternOf(chosen: readonly string[], partitions: Record<string, string>): string {
  const folders = chosen.flatMap((name) => name.split('/').slice(0, -1));
  const nested = folders.some((name) => partitions[name.slice(0, Math.max(0, name.indexOf('=')))] === undefined);
  const whole = new Set(chosen.map((name) => kindOf(name) + (packed.exec(name)?.[0] ?? '')));
  const ending = whole.size === 1 ? [...whole][0]! : `${kindOf(chosen[0]!)}*`;
  return `${nested ? '**/' : ''}*${ending}`;
}

/** The ending without a compression ending. */
const kindOf = (name: string) => path.extname(name.replace(packed, ''));

/** Possible formats of a file with this name. */
const formatsOf = (name: string): string[] =>
  formats.flatMap((format) =>
    (format.endings as readonly string[]).includes(kindOf(name).toLowerCase()) ? [format.name] : [],
  );

function mostCommon(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]![0];
}

/** Partition columns from folder names: date or int if all values match, otherwise string. */
function partitionsOf(folders: readonly string[]): Record<string, string> {
  const values: Record<string, string[]> = {};
  for (const folder of folders) {
    const [, name, value] = /^([A-Za-z][A-Za-z0-9_]*)=(.*)$/s.exec(folder) ?? [];
    if (name !== undefined && value !== '__HIVE_DEFAULT_PARTITION__') values[name] = [...(values[name] ?? []), value!];
  }
  const all = (texts: readonly string[], like: RegExp) => texts.every((value) => like.test(value));
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
    {
      code: 'MR227',
      path: place,
      message,
      hint: 'give the path of a file, or of a folder with csv, JSON lines, Parquet or logs',
    },
  ]);
