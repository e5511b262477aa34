import * as z from 'zod';
import { askedLearning } from '../learning/learning.ts';
import { normalType } from './column-types.ts';
import { encodings, partitionTypes } from './columns.ts';
import { computes } from './compute.ts';
import { type StageName, stageNames } from './stages.ts';

/** What literal types can't see: the form of names and the range of numbers. */

const name = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'a name is a lower-case letter, then letters, digits or _');
const columnName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]*$/, 'a column is a letter, then letters, digits or _');
const columnSpec = z.string().superRefine((spec, context) => {
  const found = normalType(spec.replace(/\?$/, ''));
  if ('wrong' in found) context.addIssue({ code: 'custom', message: found.wrong, params: { word: found.word } });
});
const columns = z.record(columnName, columnSpec).refine((c) => Object.keys(c).length > 0, 'at least one column');
const names = z.array(columnName);
const predicate = z.string().min(1);
const rules = z.record(name, z.union([predicate, z.strictObject({ column: columnName, isIn: name })])).optional();

const parts = (path: string) => path.split('/');
const pattern = z
  .string()
  .refine(
    (path) => parts(path).length > 1 && !/^$|\*/.test(parts(path)[0]!) && parts(path).every(isPart),
    'a path is a folder and a pattern, as customers/*.csv or events/**/*.json; the first folder has a name without *',
  )
  .refine((path) => !parts(path).includes('..'), 'a path stays below the data directory');
const partition = z.templateLiteral([z.enum(partitionTypes), z.enum(['', '?'])]);
const share = z.number().min(0).max(1);
const bound = z.union([share, z.strictObject({ warn: share.optional(), error: share.optional() })]);
const sourceBounds = { quarantined: bound.optional(), atLeast: z.int().nonnegative().optional() };
const base = {
  bounds: z.strictObject(sourceBounds).optional(),
  path: pattern,
  partitions: z.record(columnName, partition).optional(),
  optional: z.boolean().optional(),
  headers: z.record(columnName, z.string().min(1)).optional(),
};
const mayLack = names.min(1).optional();
const sign = z
  .string()
  // Hive's files are delimited by a control character.
  .refine(
    (text) => text.length === 1 && text > '\0' && text < '\x80' && !'\r\n'.includes(text),
    'one character of ASCII',
  )
  .optional();

const source = z.discriminatedUnion('format', [
  z.strictObject({
    ...base,
    format: z.literal('csv'),
    columns: z.union([names.min(1), columns]),
    mayLack,
    delimiter: sign,
    quote: sign,
    quoting: z.enum(['strict', 'lenient', 'none']).optional(),
    escape: sign,
    comment: sign,
    encoding: z.enum(encodings).optional(),
    header: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).optional(),
    skip: z.int().min(0).max(10_000).optional(),
    trailingDelimiter: z.boolean().optional(),
    decimal: z.enum(['.', ',']).optional(),
    thousands: z.enum([',', '.', ' ', "'"]).optional(),
  }),
  z.strictObject({
    ...base,
    format: z.literal('json'),
    columns,
    stream: z.strictObject({ partitionBy: columnName.optional() }).optional(),
  }),
  z.strictObject({ ...base, format: z.literal('parquet'), columns, mayLack }),
  z.strictObject({
    ...base,
    headers: z.undefined().optional(),
    format: z.literal('text'),
    columns: names.length(1),
    encoding: z.enum(encodings).optional(),
  }),
]);

const read = z.strictObject({
  use: z.enum(['rows', 'aggregate', 'lookup']),
  scope: z.union([z.enum(['all', 'new']), z.strictObject({ affected: columnName })]).optional(),
  keep: rules,
  quarantine: rules,
});

const table = z.strictObject({
  layer: z.enum(['silver', 'gold', 'feature']),
  sql: z.string().regex(/\.sql$/, 'a .sql file beside the definition'),
  reads: z.record(z.string(), read),
  columns,
  key: names.optional(),
  latestBy: names.optional(),
  partitionBy: names.optional(),
  bounds: z
    .strictObject({ ...sourceBounds, nulls: z.record(columnName, bound).optional(), fall: bound.optional() })
    .optional(),
  expect: z
    .record(
      name,
      z.union([
        predicate,
        z.strictObject({
          sql: predicate,
          severity: z.enum(['error', 'warn']).optional(),
          on: z.enum(['batch', 'table']).optional(),
        }),
      ]),
    )
    .optional(),
});

const model = z.strictObject({
  features: z.string(),
  label: z.string(),
  inputs: names.min(1).optional(),
  ...askedLearning,
  folds: z.int().min(2).max(20).optional(),
  testShare: z.number().gt(0).lt(1).optional(),
  seed: z.int().nonnegative().optional(),
  predictions: name.optional(),
});

const somewhere = z.enum(computes).optional();
const placed = Object.fromEntries(stageNames.map((stage) => [stage, somewhere])) as Record<StageName, typeof somewhere>;

export const definitionSchema = z.strictObject({
  name,
  parameters: z
    .record(
      columnName,
      z.strictObject({
        type: z.enum(['string', 'date', 'double', 'bigint']),
        default: z.union([z.string(), z.number()]),
      }),
    )
    .optional(),
  sources: z.record(name, source),
  tables: z.record(name, table),
  models: z.record(name, model).optional(),
  compute: z.strictObject(placed).optional(),
});

export type CheckedDefinition = z.infer<typeof definitionSchema>;
export type CheckedTable = CheckedDefinition['tables'][string];

/** One part of a path between slashes: `**` stands for itself only. */
function isPart(part: string): boolean {
  return part !== '' && part !== '.' && (part === '**' || !part.includes('**'));
}
