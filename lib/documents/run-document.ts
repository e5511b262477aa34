import * as z from 'zod';
import { objectives } from '../learning/learning.ts';
import { modelSchema } from './model.ts';

/** What a run did. Written as `run.json`, printed by `run --json`, drawn by the report, read by `status`. */

const count = z.int().nonnegative();

/** Where the rows that a task read went. `read` equals the sum of all the others; a gap fails the run. */
const accounting = z.strictObject({
  read: count,
  written: count,
  /** Name of the table or model the rows were counted into -> rows. */
  aggregated: z.record(z.string(), count),
  deduplicated: count,
  /** Rule -> rows. */
  filtered: z.record(z.string(), count),
  /** Rule -> rows; the rows themselves are in the quarantine table. */
  quarantined: z.record(z.string(), count),
});

const volume = z.strictObject({ files: count, bytes: count });

/** What a task cost. What could not be measured is absent. */
const taskMetrics = z.strictObject({
  /** Seconds by phase; they add up to the time of the task. */
  phases: z.strictObject({
    /** Taking the rows in, and judging each by the rules of its read. */
    read: z.number().optional(),
    /** The SQL, the training, the scoring. */
    compute: z.number().optional(),
    /** Expectations. */
    check: z.number().optional(),
    /** The commit, and looking at what it left. */
    write: z.number().optional(),
  }),
  /** The most that the process held meanwhile; on Spark that is the driver's Python. */
  peak_memory_bytes: count,
  /** Input files; of tables, the files that hold what was read, whichever columns were. */
  read: volume.optional(),
  /** Files of the commit, or of the model. */
  written: volume.extend({ removed: count.optional() }).optional(),
  /** Sums over the stages that Spark ran for the task, where Spark tells of them. */
  spark: z
    .strictObject({
      stages: count,
      tasks: count,
      failed_tasks: count,
      executor_seconds: z.number(),
      cpu_seconds: z.number(),
      gc_seconds: z.number(),
      input_bytes: count,
      output_bytes: count,
      shuffle_read_bytes: count,
      shuffle_write_bytes: count,
      spilled_bytes: count,
    })
    .optional(),
});

/** A table that a task read, beside what the table's own log says was there to be read. A gap fails the task. */
const tableRead = z.strictObject({
  table: z.string(),
  /** Delta version that the task had read before; absent where it read the whole table. */
  from: count.optional(),
  /** Delta version that it read. */
  to: count,
  /** Rows that the log says: of the version, or those that came since `from` where only these are read. */
  upstream: count,
  /** Rows more than at `from`, as the log says; below 0 where rows went. */
  grown: z.int().optional(),
  /** Of a read by keys: rows that came or changed since `from`. Each is among those that were read. */
  changed: count.optional(),
  read: count,
});

export const taskResult = accounting.extend({
  task: z.string(),
  kind: z.enum(['ingest', 'transform', 'train', 'predict']),
  stage: z.string(),
  mode: z.enum(['full', 'incremental']),
  seconds: z.number(),
  /** Upstream tables rows were joined to, which are not consumed -> rows. */
  lookups: z.record(z.string(), count),
  /** Absent where files were read, or where an older engine did the task. */
  reads: z.array(tableRead).optional(),
  /** Delta version after the task; absent for a training task. */
  table: z.strictObject({ name: z.string(), layer: z.string(), version: count, rows: count }).optional(),
  /** Expectations that did not hold but are only warnings, bounds that were passed, features that were left out. */
  warnings: z.array(z.string()),
  /** Expectations of the batch that were not judged, because the run had no new row for the table. */
  unjudged: z.array(z.string()).optional(),
  /** Absent where an older engine did the task. */
  metrics: taskMetrics.optional(),
});

/** Names of the types in the generated files. */
export const typesOfTask = { Volume: volume, TaskMetrics: taskMetrics, TableRead: tableRead };

const moves = z.strictObject({
  against: z.int(),
  /** New rows, which that version has not seen; absent where all rows were compared. */
  rows: count.optional(),
  features: z.array(z.strictObject({ feature: z.string(), psi: z.number() })),
  scores: z.number(),
});

const { objective, metrics, rows, chosen } = modelSchema.shape;

const modelResult = z.strictObject({
  name: z.string(),
  version: z.int(),
  /** `keep`: it scores as the live version does, which stays live. */
  verdict: z.enum(['promote', 'hold', 'keep']),
  reason: z.string(),
  objective,
  metrics,
  rows,
  chosen,
  /** Beside the version that was live, on the same rows; absent for a first version, and where the two could not be compared. */
  compared: z
    .strictObject({
      against: z.int(),
      rows: count,
      ...objectives.binary.comparison,
    })
    .optional(),
  folder: z.string(),
});

export const issueSchema = z.strictObject({
  code: z.string(),
  path: z.string(),
  message: z.string(),
  hint: z.string().optional(),
});

/** What the engine finds in SQL: of which output column, where it is of one. */
export const foundIssue = issueSchema.extend({ column: z.string().optional() });

export const runDocument = z.strictObject({
  run: z.string(),
  pipeline: z.string(),
  status: z.enum(['succeeded', 'failed', 'held', 'nothing to do']),
  engine: z.enum(['sail', 'spark']),
  started_at: z.string(),
  seconds: z.number(),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])),
  tasks: z.array(taskResult),
  /** Tasks that failed; absent where none did, or none is known to have. */
  failed: z.array(z.string()).optional(),
  /** Tasks that did not run, with the reason. */
  skipped: z.array(z.strictObject({ task: z.string(), why: z.string() })),
  /** Tasks that ran, with the reason. */
  reasons: z.array(z.strictObject({ task: z.string(), why: z.string() })),
  models: z.array(modelResult),
  /** How far rows have moved from what the live version of each model learned from: population stability indices. */
  drift: z.array(z.strictObject({ model: z.string(), drift: moves })).optional(),
  /** Input files of this run: path below the data directory, content hash, bytes. */
  inputs: z.array(z.strictObject({ source: z.string(), path: z.string(), etag: z.string(), size: count })),
  /** Seconds by phase, in order: prepare, engine start, each stage, report. */
  phases: z.array(z.strictObject({ name: z.string(), seconds: z.number() })),
  /** The best that any model could reach on these data in the figure that it is judged by: from `generator.json`, where it lies beside them. */
  best_possible: z.number().optional(),
  issues: z.array(issueSchema),
  /** What is worth knowing, though it stops nothing. */
  warnings: z.array(issueSchema).optional(),
  report: z.string().optional(),
});

export type Accounting = z.infer<typeof accounting>;
export type TaskMetrics = z.infer<typeof taskMetrics>;
export type TaskResult = z.infer<typeof taskResult>;
export type ModelResult = z.infer<typeof modelResult>;
export type RunDocument = z.infer<typeof runDocument>;
