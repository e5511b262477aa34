import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { readState } from './bookmark-store.ts';
import type { Root } from './root.ts';
import { readTable } from './table-reader.ts';

/** A table of a pipeline's lake. */
export interface LakeTable {
  layer: string;
  name: string;
}

/** `silver.orders`. */
export const fullName = ({ layer, name }: LakeTable) => `${layer}.${name}`;

/** The tables that a lake has, with those of quarantined rows; none where the pipeline never ran. */
export async function builtTables(root: Root, pipeline: string): Promise<LakeTable[]> {
  const lake = root.lake(pipeline);
  const found: LakeTable[] = [];
  for (const layer of await names(lake)) {
    for (const name of await names(path.join(lake, layer))) {
      const log = await stat(path.join(lake, layer, name, '_delta_log')).catch(() => undefined);
      if (log?.isDirectory()) found.push({ layer, name });
    }
  }
  return found;
}

const names = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [] as string[])).sort();

const shownTable = z.object({
  version: z.int(),
  /** Rows of the table, or those that the condition takes. */
  total: z.int(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.record(z.string(), z.unknown())),
  /** Of each row, the file and the record (from 1) that it stems from; null where that is not known. */
  places: z.array(z.object({ file: z.string(), record: z.int() }).nullable()),
});
export type ShownTable = z.infer<typeof shownTable>;

export interface RowsAsked {
  rows: number;
  version?: number | undefined;
  where?: string | undefined;
}

/** What tables of a lake hold, in the order in which they are asked for. Throws MR162 for a version or condition that cannot be asked. */
export async function showTables(
  root: Root,
  pipeline: string,
  tables: readonly LakeTable[],
  { rows, version, where }: RowsAsked,
): Promise<ShownTable[]> {
  const places = tables.map(({ layer, name }) => root.table(pipeline, layer, name));
  const args = [
    `--rows=${rows}`,
    ...(version === undefined ? [] : [`--version=${version}`]),
    ...(where === undefined ? [] : [`--where=${where}`]),
    '--',
    ...places,
  ];
  const hint = `\`millrace status ${pipeline}\` lists what was built`;
  const files = JSON.stringify(await filesRead(root, pipeline));
  const printed = await readTable('show.py', args, places.join(', '), hint, files);
  return z.object({ tables: z.array(shownTable) }).parse(JSON.parse(printed)).tables;
}

/** The files that the tables were made from, with the version of each that was read. */
async function filesRead(root: Root, pipeline: string): Promise<Record<string, string>> {
  const { tasks } = await readState(root, pipeline);
  const files = Object.values(tasks).flatMap((task) => Object.entries(task.files ?? {}));
  return Object.fromEntries(files.map(([name, { etag }]) => [name, etag]));
}
