import * as z from 'zod';
import { type Columns, columnSpecs, columnsOf } from '../columns.ts';
import type { Format } from './format.ts';
import { lackingOption, type NamedFields, optionsOfNamed, plannedHeaders, plannedLacking } from './source.ts';

const options = z.strictObject({
  ...optionsOfNamed,
  format: z.literal('parquet'),
  columns: columnSpecs,
  mayLack: lackingOption,
});

const planned = z.strictObject({ format: z.literal('parquet'), headers: plannedHeaders, mayLack: plannedLacking });

export const parquet = {
  name: 'parquet',
  options,
  planned,
  defaults: { headers: {}, mayLack: [] },
  columns: ({ columns }) => columnsOf(columns),
  issues: () => [],
  endings: ['.parquet'],
  proposes: 'types',
} as const satisfies Format<z.infer<typeof options>, z.infer<typeof planned>>;

export interface ParquetSource extends NamedFields {
  /** Parquet files. */
  readonly format: 'parquet';
  /**
   * Column -> type; a file with another type is refused.
   * @example columns: { town: 'string', size: 'bigint?' }
   */
  readonly columns: Columns;
  /**
   * Columns that older or newer files may lack; they are null there, and the run reports the number of files.
   * @default none
   * @example mayLack: ['size']
   */
  readonly mayLack?: readonly string[];
}
