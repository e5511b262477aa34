import * as z from 'zod';
import { type Columns, columnName, columnSpecs, columnsOf } from '../columns.ts';
import type { Format } from './format.ts';
import { askedOfNamed, type NamedFields, plannedHeaders } from './source.ts';

/** JSON lines. */

const stream = z.strictObject({
  /** The column by whose day a landing names its files. */
  partitionBy: columnName.optional(),
});

const asked = z.strictObject({
  ...askedOfNamed,
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
  asked,
  planned,
  defaults: { headers: {} },
  columns: ({ columns }) => columnsOf(columns),
  issues: () => [],
  landed: '.json',
  endings: ['.json', '.jsonl', '.ndjson'],
  proposes: 'types',
} as const satisfies Format<z.infer<typeof asked>, z.infer<typeof planned>>;

/** JSON lines. A value of another type than declared sends its line to quarantine; a missing one is null. */
export interface JsonSource extends NamedFields {
  /** One JSON object a line. */
  readonly format: 'json';
  /**
   * Column -> type. An object may have more.
   * @example columns: { id: 'string', at: 'timestamp', minutes: 'double?' }
   */
  readonly columns: Columns;
  /**
   * In the cloud its records are put to a stream, which lands them as files of `path`; on a laptop the files are all there is.
   * @default none
   * @example stream: { partitionBy: 'at' }
   */
  readonly stream?: Stream;
}

export interface Stream {
  /**
   * Column by whose day records are put together into files; by the day of their arrival unless told.
   * @default the day of arrival
   * @example partitionBy: 'at'
   */
  readonly partitionBy?: string;
}
