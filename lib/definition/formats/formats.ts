import * as z from 'zod';
import { type AccessLogSource, accessLog } from './access-log.ts';
import { type CsvSource, csv } from './csv.ts';
import type { Format } from './format.ts';
import { type JsonSource, json } from './json.ts';
import { type ParquetSource, parquet } from './parquet.ts';
import { type TextSource, text } from './text.ts';

/** A source of any format. */
export type Source = CsvSource | JsonSource | ParquetSource | AccessLogSource | TextSource;

/** A new format is a record in this folder, an entry here and one in `Source`. `discover` tries formats with the same ending in this order. */
export const formats = [csv, json, parquet, accessLog, text] as const;

type Formats = typeof formats;
export type FormatName = Formats[number]['name'];

type Each<All extends readonly unknown[], Part extends string> = {
  [I in keyof All]: All[I] extends Readonly<Record<Part, infer P>> ? P : never;
};

/** Schema of a source in a definition. */
export const sourceOptions = z.discriminatedUnion(
  'format',
  formats.map(({ options }) => options) as unknown as Each<Formats, 'options'>,
);
export type SourceOptions = z.infer<typeof sourceOptions>;

/** Schema of a source's options in the plan. */
export const plannedSource = z.discriminatedUnion(
  'format',
  formats.map(({ planned }) => planned) as unknown as Each<Formats, 'planned'>,
);
export type PlannedSource = z.infer<typeof plannedSource>;

/** The format record of a source. */
export const formatOf = ({ format }: Pick<SourceOptions, 'format'>): Format<SourceOptions, PlannedSource> =>
  // Each record takes only its own sources, which the list's type cannot express.
  formats.find(({ name }) => name === format) as unknown as Format<SourceOptions, PlannedSource>;
