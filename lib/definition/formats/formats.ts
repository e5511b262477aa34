import * as z from 'zod';
import { type CsvSource, csv } from './csv.ts';
import type { Format } from './format.ts';
import { type JsonSource, json } from './json.ts';
import { type ParquetSource, parquet } from './parquet.ts';
import { type TextSource, text } from './text.ts';

/** How the files of a source are written. */
export type Source = CsvSource | JsonSource | ParquetSource | TextSource;

/** A new format is a record in this folder, a line here and one in `Source`. `discover` asks those of an ending in this order. */
export const formats = [csv, json, parquet, text] as const;

type Formats = typeof formats;
export type FormatName = Formats[number]['name'];

type Each<All extends readonly unknown[], Part extends string> = {
  [I in keyof All]: All[I] extends Readonly<Record<Part, infer P>> ? P : never;
};

/** A source of a definition. */
export const askedSource = z.discriminatedUnion(
  'format',
  formats.map(({ asked }) => asked) as unknown as Each<Formats, 'asked'>,
);
export type AskedSource = z.infer<typeof askedSource>;

/** What the plan says of a source beside its path and columns. */
export const plannedSource = z.discriminatedUnion(
  'format',
  formats.map(({ planned }) => planned) as unknown as Each<Formats, 'planned'>,
);
export type PlannedSource = z.infer<typeof plannedSource>;

/** The record that a source's format has. */
export const formatOf = ({ format }: Pick<AskedSource, 'format'>): Format<AskedSource, PlannedSource> =>
  // Records go with their own sources, which the types of a list can't say.
  formats.find(({ name }) => name === format) as unknown as Format<AskedSource, PlannedSource>;
