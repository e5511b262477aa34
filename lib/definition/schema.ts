import * as z from 'zod';
import type { AlgorithmParts } from '../learning/algorithm.ts';
import { eachLearning, type Named } from '../learning/each.ts';
import type { AlgorithmName, ObjectiveName, PartsOfAlgorithm, PartsOfObjective } from '../learning/learning.ts';
import type { ObjectiveParts } from '../learning/objective.ts';
import { bound, sourceBounds } from './bounds.ts';
import { columnName, columnNames, columnSpecs } from './columns.ts';
import { computes } from './compute.ts';
import { sourceOptions } from './formats/formats.ts';
import { type StageName, stageNames } from './stages.ts';

/** Checks that literal types cannot express: the form of names and the range of numbers. */

const name = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'a name is a lower-case letter, then letters, digits or _');
const predicate = z.string().min(1);
const rules = z.record(name, z.union([predicate, z.strictObject({ column: columnName, isIn: name })])).optional();

const read = z.strictObject({
  use: z.enum(['rows', 'aggregate', 'lookup']),
  scope: z.union([z.enum(['all', 'new']), z.strictObject({ affected: columnName })]).optional(),
  keep: rules,
  quarantine: rules,
});

const table = z.strictObject({
  layer: z.enum(['silver', 'gold', 'feature']),
  sql: z.string().regex(/\.sql$/, 'must be a .sql file beside the definition'),
  reads: z.record(z.string(), read),
  columns: columnSpecs,
  key: columnNames.optional(),
  latestBy: columnNames.optional(),
  partitionBy: columnNames.optional(),
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

function modelOf<P extends ObjectiveParts, Q extends AlgorithmParts>(objective: Named<P>, algorithm: Named<Q>) {
  const gate: P['gate'] = objective.parts.gate;
  const options: Q['options'] = algorithm.parts.options;
  return z.strictObject({
    features: z.string(),
    label: z.string(),
    inputs: columnNames.min(1).optional(),
    objective: objective.name,
    gate: gate.optional(),
    algorithm: z.literal<Q['name']>(algorithm.parts.name),
    ...options,
    folds: z.int().min(2).max(20).optional(),
    testShare: z.number().gt(0).lt(1).optional(),
    seed: z.int().nonnegative().optional(),
    predictions: name.optional(),
  });
}

const model =
  eachLearning<{
    [O in ObjectiveName]: {
      [A in AlgorithmName]: ReturnType<typeof modelOf<PartsOfObjective[O], PartsOfAlgorithm[A]>>;
    };
  }>(modelOf);

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
  sources: z.record(name, sourceOptions),
  tables: z.record(name, table),
  models: z.record(name, model).optional(),
  compute: z.strictObject(placed).optional(),
});

export type CheckedDefinition = z.infer<typeof definitionSchema>;
export type CheckedTable = CheckedDefinition['tables'][string];
