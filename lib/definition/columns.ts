import * as z from 'zod';
import { type ColumnType, normalType } from './column-types.ts';

/** `'double'` may not be null, `'double?'` may: a row of a table that violates this is quarantined. A source accepts nulls in both. */
export type ColumnSpec = ColumnType | `${ColumnType}?`;
export type Columns = Readonly<Record<string, ColumnSpec>>;

/** Types of partition columns, whose values are in folder names. */
export const partitionTypes = ['string', 'boolean', 'int', 'bigint', 'double', 'date', 'timestamp'] as const;
export type PartitionSpec = (typeof partitionTypes)[number] | `${(typeof partitionTypes)[number]}?`;

/** The columns that can provide the day of every record: strings, dates and timestamps that are never null. */
export type DayColumnOf<C> = string extends keyof C
  ? string
  : { [K in keyof C & string]: C[K] extends 'string' | 'date' | 'timestamp' ? K : never }[keyof C & string];

/** The columns that a file may lack: nullable columns. */
export type LackableOf<C> = C extends readonly (infer Name)[]
  ? Name
  : string extends keyof C
    ? string
    : { [K in keyof C & string]: C[K] extends `${string}?` ? K : never }[keyof C & string];

/** The partition columns of a source. */
export type PartitionsOf<S> = S extends { readonly partitions: infer P } ? keyof P & string : never;

/** The column names of a source or of a table's columns. */
export type NamesOf<C> = C extends readonly (infer Name extends string)[] ? Name : keyof C & string;

/** A column of the plan. */
export interface PlannedColumn {
  name: string;
  type: ColumnType;
  nullable: boolean;
}

/** Parses a spec: `'double?'` is a nullable double. Throws for specs that `columnSpec` refuses. */
export function columnOf(name: string, spec: string): PlannedColumn {
  const nullable = spec.endsWith('?');
  const found = normalType(nullable ? spec.slice(0, -1) : spec);
  if ('wrong' in found) throw new Error(found.wrong);
  return { name, type: found.type, nullable };
}

export const columnsOf = (specs: Readonly<Record<string, string>>): PlannedColumn[] =>
  Object.entries(specs).map(([name, spec]) => columnOf(name, spec));

export const columnName = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_]*$/, 'a column name is a letter, then letters, digits or _');

const columnSpec = z.string().superRefine((spec, context) => {
  const found = normalType(spec.replace(/\?$/, ''));
  if ('wrong' in found) context.addIssue({ code: 'custom', message: found.wrong, params: { word: found.word } });
});

export const columnNames = z.array(columnName);

export const columnSpecs = z
  .record(columnName, columnSpec)
  .refine((specs) => Object.keys(specs).length > 0, 'at least one column');
