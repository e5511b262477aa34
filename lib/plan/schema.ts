import * as z from 'zod';
import { type ColumnType, columnTypes } from '../definition/column-types.ts';
import { computes } from '../definition/compute.ts';
import { encoding } from '../definition/formats/encodings.ts';
import { formats, plannedSource } from '../definition/formats/formats.ts';
import { json } from '../definition/formats/json.ts';
import { eachObjective, type Named } from '../learning/each.ts';
import { type ObjectiveName, type PartsOfObjective, plannedAlgorithm } from '../learning/learning.ts';
import type { ObjectiveParts } from '../learning/objective.ts';

/** The plan: the only thing its readers see. `contracts/plan.schema.json` and the engine's `plan_types.py` are generated from this file. */

/** A decimal or nested type is written without blanks. */
const columnType = z.union([
  z.enum(columnTypes),
  z.string().regex(/^(decimal\([0-9]+,[0-9]+\)|(array|map|struct)<.+>)$/),
]) as z.ZodType<ColumnType>;

const column = z.strictObject({ name: z.string(), type: columnType, nullable: z.boolean() });

/** What must hold for a row to pass: a SQL predicate, or that its value of a column occurs in another table. */
const rule = z.union([
  z.strictObject({ name: z.string(), sql: z.string() }),
  z.strictObject({ name: z.string(), column: z.string(), isIn: z.string() }),
]);

const scope = z.union([z.literal('all'), z.literal('new'), z.strictObject({ affected: z.string() })]);

/**
 * How a transform uses an upstream table. `rows`: each row becomes one output row. `aggregate`: each row is counted
 * into an output row. `lookup`: a reference that rows are joined to; it is not consumed.
 */
const read = z.strictObject({
  table: z.string(),
  use: z.enum(['rows', 'aggregate', 'lookup']),
  scope,
  keep: z.array(rule),
  quarantine: z.array(rule),
});

const fingerprint = z.strictObject({
  /** SHA-256 over the parts below; what a skip is decided on. */
  value: z.string(),
  /** One hash a part, so that a changed task can say which part changed. */
  parts: z.record(z.string(), z.string()),
});

const bound = z.strictObject({ warn: z.number().optional(), error: z.number().optional() });

/** Shares from which what is quarantined, null or missing is a warning or an error; the engine has defaults for what is absent. */
const bounds = z.strictObject({
  quarantined: bound.optional(),
  atLeast: z.int().optional(),
  nulls: z.record(z.string(), bound).optional(),
  fall: bound.optional(),
});

const taskBase = {
  name: z.string(),
  /** Names of tasks whose output this one reads. */
  upstream: z.array(z.string()),
  stage: z.string(),
  fingerprint,
};

const ingestTask = z.strictObject({
  ...taskBase,
  kind: z.literal('ingest'),
  layer: z.literal('bronze'),
  /** A folder and a pattern below the data directory, as `customers/*.csv`. */
  path: z.string(),
  /** How its files are written. */
  source: plannedSource,
  optional: z.boolean(),
  columns: z.array(column),
  /** The last of the columns: those whose values are in the names of folders. Absent where there is none. */
  partitions: z.array(z.string()).optional(),
  bounds: bounds.optional(),
});

const transformTask = z.strictObject({
  ...taskBase,
  kind: z.literal('transform'),
  layer: z.enum(['silver', 'gold', 'feature']),
  sqlFile: z.string(),
  sql: z.string(),
  reads: z.array(read),
  columns: z.array(column),
  key: z.array(z.string()),
  /** Output columns; among rows of one key the greatest wins. */
  latestBy: z.array(z.string()),
  partitionBy: z.array(z.string()),
  bounds: bounds.optional(),
  expect: z.array(
    z.strictObject({
      name: z.string(),
      sql: z.string(),
      severity: z.enum(['error', 'warn']),
      /** `table`: judged on the table as the commit will leave it; on the rows to be committed where absent. */
      on: z.literal('table').optional(),
    }),
  ),
  /** Parameters that the SQL or a rule names as `:name`. */
  parameters: z.array(z.string()),
  /** Output column -> the upstream columns it is computed from, as `table.column`. */
  lineage: z.record(z.string(), z.array(z.string())),
});

const field = z.strictObject({ name: z.string(), type: columnType });

function trainTaskOf<O extends string, P extends ObjectiveParts>({ name, parts }: Named<O, P>) {
  const gate: P['gate'] = parts.gate;
  return z.strictObject({
    ...taskBase,
    kind: z.literal('train'),
    model: z.string(),
    features: z.string(),
    label: z.string(),
    key: z.array(z.string()),
    inputs: z.array(field),
    objective: z.literal(name),
    algorithm: plannedAlgorithm,
    gate,
    folds: z.int(),
    testShare: z.number(),
    seed: z.int(),
  });
}

const trainTask =
  eachObjective<{ [O in ObjectiveName]: ReturnType<typeof trainTaskOf<O, PartsOfObjective[O]>> }>(trainTaskOf);

const predictTask = z.strictObject({
  ...taskBase,
  kind: z.literal('predict'),
  model: z.string(),
  features: z.string(),
  label: z.string(),
  key: z.array(z.string()),
  /** The Delta table the scores are written to: key columns, those of the objective, `model_version`. */
  table: z.string(),
});

const task = z.discriminatedUnion('kind', [ingestTask, transformTask, trainTask, predictTask]);

const parameter = z.strictObject({
  name: z.string(),
  type: z.enum(['string', 'date', 'double', 'bigint']),
  default: z.union([z.string(), z.number()]),
});

const stage = z.strictObject({
  name: z.string(),
  /** The service that the stage runs on in the cloud; a laptop runs all of them itself. */
  compute: z.enum(computes),
  tasks: z.array(z.string()),
  timeoutSeconds: z.int(),
});

export const planSchema = z.strictObject({
  format: z.literal('millrace-plan'),
  version: z.literal(1),
  pipeline: z.string(),
  parameters: z.array(parameter),
  stages: z.array(stage),
  tasks: z.array(task),
});

/** `access-log` -> `AccessLog`. */
const typeName = (name: string) => name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Names of the types in the generated files. */
export const typesOfPlan = {
  ColumnType: columnType,
  Column: column,
  SqlRule: rule.options[0],
  IsInRule: rule.options[1],
  Rule: rule,
  Affected: scope.options[2],
  Scope: scope,
  Read: read,
  Fingerprint: fingerprint,
  Bound: bound,
  Bounds: bounds,
  Encoding: encoding,
  Stream: json.planned.shape.stream.unwrap(),
  ...Object.fromEntries(formats.map(({ name, planned }) => [`${typeName(name)}Source`, planned])),
  Source: plannedSource,
  IngestTask: ingestTask,
  Expectation: transformTask.shape.expect.element,
  TransformTask: transformTask,
  Algorithm: plannedAlgorithm,
  Field: field,
  TrainTask: trainTask,
  PredictTask: predictTask,
  Task: task,
  Parameter: parameter,
  Compute: stage.shape.compute,
  Stage: stage,
};

export type { ColumnType };
export type Column = z.infer<typeof column>;
export type Rule = z.infer<typeof rule>;
export type Read = z.infer<typeof read>;
export type Parameter = z.infer<typeof parameter>;
export type Stage = z.infer<typeof stage>;
export type IngestTask = z.infer<typeof ingestTask>;
export type TransformTask = z.infer<typeof transformTask>;
export type TrainTask = z.infer<typeof trainTask>;
/** What a candidate must reach on its hold-out to be promoted. */
export type Gate = TrainTask['gate'];
export type PredictTask = z.infer<typeof predictTask>;
export type Task = z.infer<typeof task>;
export type Plan = z.infer<typeof planSchema>;

/** The layer of the table that a task writes; none for a training. */
export function tableLayer(task: Task): string | undefined {
  switch (task.kind) {
    case 'train':
      return undefined;
    case 'predict':
      return 'gold';
    default:
      return task.layer;
  }
}
