import * as z from 'zod';
import { plannedSource } from '../definition/formats/formats.ts';
import type { StageName } from '../definition/stages.ts';
import { eachObjective, type Named } from '../learning/each.ts';
import { type ObjectiveName, objectiveOf, type PartsOfObjective, plannedAlgorithm } from '../learning/learning.ts';
import type { ObjectiveParts } from '../learning/objective.ts';
import { bounds, column, columnType, fingerprint, read } from './task-parts.ts';

/** The kinds of tasks: their schema in the plan, and their properties. Other code checks properties, not kinds. */

const taskBase = {
  name: z.string(),
  /** Names of the tasks whose output this task reads. */
  upstream: z.array(z.string()),
  stage: z.string(),
  fingerprint,
};

const ingestTask = z.strictObject({
  ...taskBase,
  kind: z.literal('ingest'),
  layer: z.literal('bronze'),
  /** A folder and a pattern, relative to the data directory, such as `customers/*.csv`. */
  path: z.string(),
  /** Format and options of its files. */
  source: plannedSource,
  optional: z.boolean(),
  columns: z.array(column),
  /** Partition columns, which are the last columns. Absent if there are none. */
  partitions: z.array(z.string()).optional(),
  bounds: bounds.optional(),
});

export const transformTask = z.strictObject({
  ...taskBase,
  kind: z.literal('transform'),
  layer: z.enum(['silver', 'gold', 'feature']),
  sqlFile: z.string(),
  sql: z.string(),
  reads: z.array(read),
  columns: z.array(column),
  key: z.array(z.string()),
  /** Output columns; among rows with the same key, the greatest wins. */
  latestBy: z.array(z.string()),
  partitionBy: z.array(z.string()),
  bounds: bounds.optional(),
  expect: z.array(
    z.strictObject({
      name: z.string(),
      sql: z.string(),
      severity: z.enum(['error', 'warn']),
      /** `table`: judged on the whole table after the commit; absent: judged on the rows to commit. */
      on: z.literal('table').optional(),
    }),
  ),
  /** Parameters that the SQL or a rule uses as `:name`. */
  parameters: z.array(z.string()),
  /** Output column -> the upstream columns that it is computed from, as `table.column`. */
  lineage: z.record(z.string(), z.array(z.string())),
});

export const field = z.strictObject({ name: z.string(), type: columnType });

function trainTaskOf<P extends ObjectiveParts>({ parts }: Named<P>) {
  const gate: P['gate'] = parts.gate;
  return z.strictObject({
    ...taskBase,
    kind: z.literal('train'),
    model: z.string(),
    features: z.string(),
    label: z.string(),
    key: z.array(z.string()),
    inputs: z.array(field),
    objective: z.literal<P['name']>(parts.name),
    algorithm: plannedAlgorithm,
    gate,
    folds: z.int(),
    testShare: z.number(),
    seed: z.int(),
  });
}

const trainTask =
  eachObjective<{ [O in ObjectiveName]: ReturnType<typeof trainTaskOf<PartsOfObjective[O]>> }>(trainTaskOf);

const predictTask = z.strictObject({
  ...taskBase,
  kind: z.literal('predict'),
  model: z.string(),
  features: z.string(),
  label: z.string(),
  key: z.array(z.string()),
  /** The Delta table for scores: key columns, the objective's columns, `model_version`. */
  table: z.string(),
});

export type IngestTask = z.infer<typeof ingestTask>;
export type TransformTask = z.infer<typeof transformTask>;
export type TrainTask = z.infer<typeof trainTask>;
export type PredictTask = z.infer<typeof predictTask>;

/** Names of their types in the engine. */
export const typesOfTasks = {
  IngestTask: ingestTask,
  TransformTask: transformTask,
  TrainTask: trainTask,
  PredictTask: predictTask,
};
export const task = z.discriminatedUnion('kind', [ingestTask, transformTask, trainTask, predictTask]);
export type Task = z.infer<typeof task>;
export type TaskKind = Task['kind'];

type Column = z.infer<typeof column>;

/** The product of a task: a table of a layer, a model, or a table of predictions. */
export type Product = 'bronze' | 'silver' | 'gold' | 'feature' | 'model' | 'predictions';

interface Kind<T> {
  /** Its stage. A definition can set the compute of those in `lib/definition/stages.ts`. */
  stage: string;
  /** Its separate stage, if the definition sets the compute of that stage. */
  ownStage?: StageName;
  /** Whether its rows come from a source. */
  fromSource: boolean;
  /** Whether a claim lists the files that it reads. */
  listsFiles: boolean;
  /** Whether its rows are computed by SQL of the definition. */
  runsSql: boolean;
  /** Whether it trains a candidate. */
  learns: boolean;
  /** Whether it uses a live model. */
  scores: boolean;
  /** Whether it runs in memory on the driver, without executors. */
  onDriver: boolean;
  /** Whether its table has a quarantine table. */
  rejects: boolean;
  makes: (task: T) => Product;
  /** The columns of its table, in the order in which the engine writes them. `tasks`: all tasks of the plan. */
  columns: (task: T, tasks: readonly Task[]) => Column[];
  /** The columns that SQL sees when it reads the table. */
  visible: (task: T) => Column[];
  partitionBy: (task: T) => readonly string[];
  /** Rows per second on one core of a laptop with Sail, churn at 100,000 customers; for a training, rows times fits. */
  perCore: number;
  /** Number of values in a row that it reads and in a row that it writes, for the forecast's bytes. */
  values: { read: (task: T) => number; written: (task: T) => number };
}

const rowNumber: Column = { name: '_row', type: 'bigint', nullable: false };

/** The columns that the engine adds to each bronze table; same as in `engine/arrow_types.py`. */
const stamps: Column[] = [
  rowNumber,
  { name: '_source_file', type: 'string', nullable: false },
  { name: '_ingested_at', type: 'timestamp', nullable: false },
  { name: '_run_id', type: 'string', nullable: false },
];

const modelVersion: Column = { name: 'model_version', type: 'bigint', nullable: false };

/** A new kind needs a schema in `task` and an entry here; `tsc` then reports the other places. */
export const taskKinds = {
  ingest: {
    stage: 'build',
    fromSource: true,
    listsFiles: true,
    runsSql: false,
    learns: false,
    scores: false,
    onDriver: false,
    rejects: true,
    makes: () => 'bronze',
    columns: ({ columns }) => [...columns, ...stamps],
    visible: ({ columns }) => [...columns, ...stamps],
    partitionBy: () => [],
    perCore: 100_000,
    values: { read: () => 0, written: ({ columns }) => columns.length + 1 },
  },
  transform: {
    stage: 'build',
    fromSource: false,
    listsFiles: false,
    runsSql: true,
    learns: false,
    scores: false,
    onDriver: false,
    rejects: true,
    makes: ({ layer }) => layer,
    columns: ({ columns, reads }) => [...(reads.some(({ use }) => use === 'rows') ? [rowNumber] : []), ...columns],
    visible: ({ columns }) => [...columns, rowNumber],
    partitionBy: ({ partitionBy }) => partitionBy,
    perCore: 60_000,
    values: { read: ({ columns }) => columns.length, written: ({ columns }) => columns.length + 1 },
  },
  train: {
    // By default training runs in `build`, which saves a start.
    stage: 'build',
    ownStage: 'train',
    fromSource: false,
    listsFiles: false,
    runsSql: false,
    learns: true,
    scores: false,
    onDriver: true,
    rejects: false,
    makes: () => 'model',
    columns: () => [],
    visible: () => [],
    partitionBy: () => [],
    perCore: 90_000,
    values: { read: ({ inputs }) => inputs.length, written: () => 0 },
  },
  predict: {
    stage: 'predict',
    fromSource: false,
    listsFiles: false,
    runsSql: false,
    learns: false,
    scores: true,
    onDriver: true,
    rejects: false,
    makes: () => 'predictions',
    columns: ({ features, key, model }, tasks) => {
      const known = tasks.find(({ name }) => name === features);
      const keys = known !== undefined && 'columns' in known ? known.columns : [];
      const training = tasks.find((other) => 'objective' in other && other.model === model);
      // The objective defines the columns of a prediction.
      const figures = training !== undefined && 'objective' in training ? objectiveOf(training).predicted.columns : [];
      const predicted = figures.map((column) => ({ ...column, nullable: false }));
      return [...keys.filter(({ name }) => key.includes(name)), ...predicted, modelVersion];
    },
    visible: () => [],
    partitionBy: () => [],
    perCore: 150_000,
    values: { read: () => 8, written: ({ key }) => key.length + 3 },
  },
} as const satisfies { [K in TaskKind]: Kind<Extract<Task, { kind: K }>> };

/** All stages, in the order in which a run executes them. */
export const stageOrder: readonly string[] = [
  ...new Set(
    Object.values<Kind<never>>(taskKinds).flatMap(({ stage, ownStage }) => [stage, ...(ownStage ? [ownStage] : [])]),
  ),
];

export const taskKindNames = Object.keys(taskKinds) as [TaskKind, ...TaskKind[]];

type Property = 'fromSource' | 'listsFiles' | 'runsSql' | 'learns' | 'scores';
type KindsThat<P extends Property> = {
  [K in TaskKind]: (typeof taskKinds)[K][P] extends true ? K : never;
}[TaskKind];

/** For a task of a plan, or anything with a kind. */
const that =
  <P extends Property>(property: P) =>
  <T extends { kind: TaskKind }>(one: T): one is T & { kind: KindsThat<P> } =>
    taskKinds[one.kind][property];

export const fromSource = that('fromSource');
export const listsFiles = that('listsFiles');
export const runsSql = that('runsSql');
export const learns = that('learns');
export const scores = that('scores');

/** The properties of a task's kind. */
// Each kind takes only its own tasks, which the table's type cannot express.
export const traitsOf = (one: Pick<Task, 'kind'>) => taskKinds[one.kind] as unknown as Kind<Task>;

export type Layer = 'bronze' | 'silver' | 'gold' | 'feature';

const layers: Record<Product, Layer | undefined> = {
  bronze: 'bronze',
  silver: 'silver',
  gold: 'gold',
  feature: 'feature',
  model: undefined,
  predictions: 'gold',
};

/** The layer of the table that a task writes; undefined for a model. */
export const tableLayer = (one: Task): Layer | undefined => layers[traitsOf(one).makes(one)];

/** The models that a plan trains. */
export const modelNames = (plan: { tasks: readonly Task[] }): string[] =>
  plan.tasks.filter(learns).map(({ model }) => model);
