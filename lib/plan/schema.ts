import * as z from 'zod';
import type { ColumnType } from '../definition/column-types.ts';
import { computes } from '../definition/compute.ts';
import { encoding } from '../definition/formats/encodings.ts';
import { formats, plannedSource } from '../definition/formats/formats.ts';
import { json } from '../definition/formats/json.ts';
import { plannedAlgorithm } from '../learning/learning.ts';
import {
  field,
  type IngestTask,
  type PredictTask,
  type Task,
  type TrainTask,
  type TransformTask,
  task,
  transformTask,
  typesOfTasks,
} from './task-kinds.ts';
import { bound, bounds, column, columnType, fingerprint, read, rule, scope } from './task-parts.ts';

/** The plan, the only input of its readers. `contracts/plan.schema.json` and the engine's `plan_types.py` are generated from this file. */

const parameter = z.strictObject({
  name: z.string(),
  type: z.enum(['string', 'date', 'double', 'bigint']),
  default: z.union([z.string(), z.number()]),
});

const stage = z.strictObject({
  name: z.string(),
  /** The compute of the stage in the cloud; a laptop runs all stages itself. */
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
  Expectation: transformTask.shape.expect.element,
  Algorithm: plannedAlgorithm,
  Field: field,
  ...typesOfTasks,
  Task: task,
  Parameter: parameter,
  Compute: stage.shape.compute,
  Stage: stage,
};

export type { ColumnType, IngestTask, PredictTask, Task, TrainTask, TransformTask };
export type Column = z.infer<typeof column>;
export type Rule = z.infer<typeof rule>;
export type Read = z.infer<typeof read>;
export type Parameter = z.infer<typeof parameter>;
export type Stage = z.infer<typeof stage>;
/** The conditions that a candidate must meet to be promoted. */
export type Gate = TrainTask['gate'];
export type Plan = z.infer<typeof planSchema>;
