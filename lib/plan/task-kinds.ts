import * as z from 'zod';
import { plannedSource } from '../definition/formats/formats.ts';
import type { StageName } from '../definition/stages.ts';
import { eachObjective, type Named } from '../learning/each.ts';
import { type ObjectiveName, objectiveOf, type PartsOfObjective, plannedAlgorithm } from '../learning/learning.ts';
import type { ObjectiveParts } from '../learning/objective.ts';
import { bounds, column, columnType, fingerprint, read } from './task-parts.ts';

/** The kinds of tasks: the form of each in the plan, and what holds for it. Who asks what holds does not ask for a kind by its name. */

const taskBase = {
  name: z.string(),
  /** Names of tasks whose output this one reads. */
  upstream: z.array(z.string()),
  stage: z.string(),
  fingerprint,
};

export const ingestTask = z.strictObject({
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

export const transformTask = z.strictObject({
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

export const trainTask =
  eachObjective<{ [O in ObjectiveName]: ReturnType<typeof trainTaskOf<PartsOfObjective[O]>> }>(trainTaskOf);

export const predictTask = z.strictObject({
  ...taskBase,
  kind: z.literal('predict'),
  model: z.string(),
  features: z.string(),
  label: z.string(),
  key: z.array(z.string()),
  /** The Delta table the scores are written to: key columns, those of the objective, `model_version`. */
  table: z.string(),
});

export type IngestTask = z.infer<typeof ingestTask>;
export type TransformTask = z.infer<typeof transformTask>;
export type TrainTask = z.infer<typeof trainTask>;
export type PredictTask = z.infer<typeof predictTask>;

export const task = z.discriminatedUnion('kind', [ingestTask, transformTask, trainTask, predictTask]);
export type Task = z.infer<typeof task>;
export type TaskKind = Task['kind'];

type Column = z.infer<typeof column>;

/** What a task leaves behind: a table of a layer, a model, or a table of predictions. */
export type Product = 'bronze' | 'silver' | 'gold' | 'feature' | 'model' | 'predictions';

interface Kind<T> {
  /** The stage that it runs in. */
  stage: StageName;
  /** The stage that it runs in instead where the definition says what that one runs on. */
  ownStage?: StageName;
  /** Whether its rows come from outside: they are the input of a run. */
  fromSource: boolean;
  /** Whether a claim lists the files that it reads. */
  listsFiles: boolean;
  /** Whether SQL of the definition makes its rows from tables. */
  runsSql: boolean;
  /** Whether it makes a candidate of a model. */
  learns: boolean;
  /** Whether it uses a model that is live. */
  scores: boolean;
  /** Whether it works in the memory of one machine, with no executors. */
  onDriver: boolean;
  /** Whether its table has a table of rejected rows beside it. */
  rejects: boolean;
  makes: (task: T) => Product;
  /** The columns of its table, in the order in which the engine writes them. `tasks` are those of the plan. */
  columns: (task: T, tasks: readonly Task[]) => Column[];
  /** What SQL that reads its table sees. */
  visible: (task: T) => Column[];
  partitionBy: (task: T) => readonly string[];
  /** Values in a row that it reads, and in a row that it writes: the forecast takes their bytes. */
  values: { read: (task: T) => number; written: (task: T) => number };
}

const rowNumber: Column = { name: '_row', type: 'bigint', nullable: false };

/** What the engine adds to each row of a bronze table; `engine/arrow_types.py` says the same. */
const stamps: Column[] = [
  rowNumber,
  { name: '_source_file', type: 'string', nullable: false },
  { name: '_ingested_at', type: 'timestamp', nullable: false },
  { name: '_run_id', type: 'string', nullable: false },
];

const modelVersion: Column = { name: 'model_version', type: 'bigint', nullable: false };

/** A new kind is a form in `task` and an entry here; `tsc` then names what else has to know of it. */
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
    values: { read: ({ columns }) => columns.length, written: ({ columns }) => columns.length + 1 },
  },
  train: {
    // Training begins in `build`, which saves a start.
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
      // The objective says what it has for each row.
      const figures = training !== undefined && 'objective' in training ? objectiveOf(training).predicted.columns : [];
      const predicted = figures.map((column) => ({ ...column, nullable: false }));
      return [...keys.filter(({ name }) => key.includes(name)), ...predicted, modelVersion];
    },
    visible: () => [],
    partitionBy: () => [],
    values: { read: () => 8, written: ({ key }) => key.length + 3 },
  },
} as const satisfies { [K in TaskKind]: Kind<Extract<Task, { kind: K }>> };

export const taskKindNames = Object.keys(taskKinds) as [TaskKind, ...TaskKind[]];

type Property = 'fromSource' | 'listsFiles' | 'runsSql' | 'learns' | 'scores';
type KindsThat<P extends Property> = {
  [K in TaskKind]: (typeof taskKinds)[K][P] extends true ? K : never;
}[TaskKind];

/** For a task of a plan, or what is known of one by its kind. */
const that =
  <P extends Property>(property: P) =>
  <T extends { kind: TaskKind }>(one: T): one is T & { kind: KindsThat<P> } =>
    taskKinds[one.kind][property];

export const fromSource = that('fromSource');
export const listsFiles = that('listsFiles');
export const runsSql = that('runsSql');
export const learns = that('learns');
export const scores = that('scores');

/** What holds for tasks of this one's kind. */
// A kind goes with its own tasks, which the types of the table can't say.
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

/** The layer of the table that a task writes; none where it writes a model. */
export const tableLayer = (one: Task): Layer | undefined => layers[traitsOf(one).makes(one)];

/** The models that a plan trains. */
export const modelNames = (plan: { tasks: readonly Task[] }): string[] =>
  plan.tasks.filter(learns).map(({ model }) => model);
