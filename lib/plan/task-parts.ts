import * as z from 'zod';
import { type ColumnType, columnTypes } from '../definition/column-types.ts';

/** What the forms of tasks are made of. */

/** A decimal or nested type is written without blanks. */
export const columnType = z.union([
  z.enum(columnTypes),
  z.string().regex(/^(decimal\([0-9]+,[0-9]+\)|(array|map|struct)<.+>)$/),
]) as z.ZodType<ColumnType>;

export const column = z.strictObject({ name: z.string(), type: columnType, nullable: z.boolean() });

/** What must hold for a row to pass: a SQL predicate, or that its value of a column occurs in another table. */
export const rule = z.union([
  z.strictObject({ name: z.string(), sql: z.string() }),
  z.strictObject({ name: z.string(), column: z.string(), isIn: z.string() }),
]);

export const scope = z.union([z.literal('all'), z.literal('new'), z.strictObject({ affected: z.string() })]);

/**
 * How a transform uses an upstream table. `rows`: each row becomes one output row. `aggregate`: each row is counted
 * into an output row. `lookup`: a reference that rows are joined to; it is not consumed.
 */
export const read = z.strictObject({
  table: z.string(),
  use: z.enum(['rows', 'aggregate', 'lookup']),
  scope,
  keep: z.array(rule),
  quarantine: z.array(rule),
});

export const fingerprint = z.strictObject({
  /** SHA-256 over the parts below; what a skip is decided on. */
  value: z.string(),
  /** One hash a part, so that a changed task can say which part changed. */
  parts: z.record(z.string(), z.string()),
});

export const bound = z.strictObject({ warn: z.number().optional(), error: z.number().optional() });

/** Shares from which what is quarantined, null or missing is a warning or an error; the engine has defaults for what is absent. */
export const bounds = z.strictObject({
  quarantined: bound.optional(),
  atLeast: z.int().optional(),
  nulls: z.record(z.string(), bound).optional(),
  fall: bound.optional(),
});
