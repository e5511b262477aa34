import * as z from 'zod';
import { type ColumnType, columnTypes } from '../definition/column-types.ts';

/** Parts of the task schemas. */

/** Decimal and nested types are written without blanks. */
export const columnType = z.union([
  z.enum(columnTypes),
  z.string().regex(/^(decimal\([0-9]+,[0-9]+\)|(array|map|struct)<.+>)$/),
]) as z.ZodType<ColumnType>;

export const column = z.strictObject({ name: z.string(), type: columnType, nullable: z.boolean() });

/** A condition for rows: a SQL predicate, or a check that the column's value occurs in another table. */
export const rule = z.union([
  z.strictObject({ name: z.string(), sql: z.string() }),
  z.strictObject({ name: z.string(), column: z.string(), isIn: z.string() }),
]);

export const scope = z.union([z.literal('all'), z.literal('new'), z.strictObject({ affected: z.string() })]);

/**
 * How a transform uses an upstream table. `rows`: each row becomes one output row. `aggregate`: each row is counted into an output
 * row. `lookup`: rows are joined to it; it is not consumed.
 */
export const read = z.strictObject({
  table: z.string(),
  use: z.enum(['rows', 'aggregate', 'lookup']),
  scope,
  keep: z.array(rule),
  quarantine: z.array(rule),
});

export const fingerprint = z.strictObject({
  /** SHA-256 over the parts below; decides whether a task can be skipped. */
  value: z.string(),
  /** One hash per part, to report which part of a task changed. */
  parts: z.record(z.string(), z.string()),
});

export const bound = z.strictObject({ warn: z.number().optional(), error: z.number().optional() });

/** Warning and error limits for quarantined rows, nulls and lost rows; the engine has defaults for absent limits. */
export const bounds = z.strictObject({
  quarantined: bound.optional(),
  atLeast: z.int().optional(),
  nulls: z.record(z.string(), bound).optional(),
  fall: bound.optional(),
});
