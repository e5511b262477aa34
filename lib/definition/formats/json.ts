import * as z from 'zod';
import { type Columns, columnName, columnSpecs, columnsOf } from '../columns.ts';
import type { Format } from './format.ts';
import { type NamedFields, optionsOfNamed, plannedHeaders } from './source.ts';

/** JSON lines. */

const stream = z.strictObject({
  /** The column whose day becomes part of the landed file's name. */
  partitionBy: columnName.optional(),
});

const options = z.strictObject({
  ...optionsOfNamed,
  format: z.literal('json'),
  columns: columnSpecs,
  stream: stream.optional(),
});

const planned = z.strictObject({
  format: z.literal('json'),
  headers: plannedHeaders,
  /** Set when a stream lands the files in the cloud. */
  stream: stream.optional(),
});

export const json = {
  name: 'json',
  options,
  planned,
  defaults: { headers: {} },
  columns: ({ columns }) => columnsOf(columns),
  issues: () => [],
  landed: '.json',
  endings: ['.json', '.jsonl', '.ndjson'],
  proposes: 'types',
} as const satisfies Format<z.infer<typeof options>, z.infer<typeof planned>>;

/** JSON lines. A line with a value of another type is quarantined; a missing value is null. */
export interface JsonSource extends NamedFields {
  /** One JSON object per line. */
  readonly format: 'json';
  /**
   * Column -> type. An object may have more keys.
   * @example columns: { id: 'string', at: 'timestamp', minutes: 'double?' }
   */
  readonly columns: Columns;
  /**
   * In the cloud, records arrive through a stream, which lands them as files of `path`; a laptop reads only the files.
   * @default none
   * @example stream: { partitionBy: 'at' }
   */
  readonly stream?: Stream;
}

export interface Stream {
  /**
   * The column whose day groups records into files; by default the day of arrival.
   * @default the day of arrival
   * @example partitionBy: 'at'
   */
  readonly partitionBy?: string;
}
