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

/** The tables of a lake, including quarantine tables; empty if the pipeline never ran. */
export async function builtTables(root: Root, pipeline: string): Promise<LakeTable[]> {
  const lake = root.lake(pipeline);
  const found: LakeTable[] = [];
  for (const layer of await names(lake)) {
    for (const name of await names(path.join(lake, layer))) {
      const log = await stat(root.log(pipeline, layer, name)).catch(() => undefined);
      if (log?.isDirectory()) found.push({ layer, name });
    }
  }
  return found;
}

const names = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [] as string[])).sort();

const shownTable = z.object({
  version: z.int(),
  /** Rows of the table, or those that match the condition. */
  total: z.int(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.record(z.string(), z.unknown())),
  /** The source file and record number (from 1) of each row; null if unknown. */
  places: z.array(z.object({ file: z.string(), record: z.int() }).nullable()),
});
export type ShownTable = z.infer<typeof shownTable>;

export interface RowSelection {
  rows: number;
  version?: number | undefined;
  where?: string | undefined;
}

/** Rows of tables of a lake, in the given order of tables. Throws MR162 for an invalid version or condition. */
export async function showTables(
  root: Root,
  pipeline: string,
  tables: readonly LakeTable[],
  { rows, version, where }: RowSelection,
): Promise<ShownTable[]> {
  const places = tables.map(({ layer, name }) => root.table(pipeline, layer, name));
  const args = [
    `--rows=${rows}`,
    ...(version === undefined ? [] : [`--version=${version}`]),
    ...(where === undefined ? [] : [`--where=${where}`]),
    '--',
    ...places,
  ];
  const hint = `\`millrace status ${pipeline}\` lists the tables`;
  const files = JSON.stringify(await filesRead(root, pipeline));
  const printed = await readTable('show.py', args, places.join(', '), hint, files);
  return z.object({ tables: z.array(shownTable) }).parse(JSON.parse(printed)).tables;
}

/** The input files of the tables, with the etag that was read. */
async function filesRead(root: Root, pipeline: string): Promise<Record<string, string>> {
  const { tasks } = await readState(root, pipeline);
  const files = Object.values(tasks).flatMap((task) => Object.entries(task.files ?? {}));
  return Object.fromEntries(files.map(([name, { etag }]) => [name, etag]));
}
