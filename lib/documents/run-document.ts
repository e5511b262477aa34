import * as z from 'zod';
import type { AlgorithmParts } from '../learning/algorithm.ts';
import { eachLearning, type Named } from '../learning/each.ts';
import type { AlgorithmName, ObjectiveName, PartsOfAlgorithm, PartsOfObjective } from '../learning/learning.ts';
import type { ObjectiveParts } from '../learning/objective.ts';
import { taskKindNames } from '../plan/task-kinds.ts';
import { candidateParts } from './model.ts';

/** The document of a run. Written as `run.json`, printed by `run --json`, drawn by the report, read by `status`. */

const count = z.int().nonnegative();

/** Where the rows that a task read went. `read` equals the sum of all other counts; a gap fails the run. */
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

/** Resources that a task used. Values that could not be measured are absent. */
const taskMetrics = z.strictObject({
  /** Seconds per phase; they add up to the time of the task. */
  phases: z.strictObject({
    /** Reading the rows and applying the rules of each read. */
    read: z.number().optional(),
    /** The SQL, the training, the scoring. */
    compute: z.number().optional(),
    /** Expectations. */
    check: z.number().optional(),
    /** The commit and the check of its result. */
    write: z.number().optional(),
  }),
  /** Peak memory of the process; on Spark, of the driver's Python process. */
  peak_memory_bytes: count,
  /** Input files; for tables, the files with the rows read, with all columns. */
  read: volume.optional(),
  /** Files of the commit or the model. */
  written: volume.extend({ removed: count.optional() }).optional(),
  /** Totals over the Spark stages of the task, if Spark reports them. */
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

/** A table that a task read, with the counts from the table's own log. A gap fails the task. */
const tableRead = z.strictObject({
  table: z.string(),
  /** Delta version that the task had read before; absent if it read the whole table. */
  from: count.optional(),
  /** Delta version that it read. */
  to: count,
  /** Rows by the log: of the version, or since `from` if only new rows are read. */
  upstream: count,
  /** Growth since `from` by the log; negative if rows were removed. */
  grown: z.int().optional(),
  /** For a read by keys: rows new or changed since `from`. All of them are among the rows read. */
  changed: count.optional(),
  read: count,
});

export const taskResult = accounting.extend({
  task: z.string(),
  kind: z.enum(taskKindNames),
  stage: z.string(),
  mode: z.enum(['full', 'incremental']),
  seconds: z.number(),
  /** Lookup tables, which are joined but not consumed -> rows. */
  lookups: z.record(z.string(), count),
  /** Absent if files were read, or if an older engine did the task. */
  reads: z.array(tableRead).optional(),
  /** Delta version after the task; absent for a training task. */
  table: z.strictObject({ name: z.string(), layer: z.string(), version: count, rows: count }).optional(),
  /** Failed expectations of severity warn, exceeded bounds, features that were left out. */
  warnings: z.array(z.string()),
  /** Expectations of the batch that were not judged, because the run had no new rows for the table. */
  unjudged: z.array(z.string()).optional(),
  /** Absent if an older engine did the task. */
  metrics: taskMetrics.optional(),
});

/** Names of the types in the generated files. */
export const typesOfTask = { Volume: volume, TaskMetrics: taskMetrics, TableRead: tableRead };

const rowDrift = z.strictObject({
  against: z.int(),
  /** Rows that this version has not seen; absent if all rows were compared. */
  rows: count.optional(),
  features: z.array(z.strictObject({ feature: z.string(), psi: z.number() })),
  scores: z.number(),
});

function modelResultOf<P extends ObjectiveParts, Q extends AlgorithmParts>(objective: Named<P>, algorithm: Named<Q>) {
  const { named, chosen } = candidateParts(objective, algorithm);
  const compared: P['compared'] = objective.parts.compared;
  return z.strictObject({
    name: z.string(),
    version: z.int(),
    /** `keep`: it scores as the live version does, which stays live. */
    verdict: z.enum(['promote', 'hold', 'keep']),
    reason: z.string(),
    ...named,
    chosen,
    /** Beside the version that was live, on the same rows; absent for a first version, and where the two could not be compared. */
    compared: z.strictObject({ against: z.int(), rows: count, ...compared }).optional(),
    folder: z.string(),
  });
}

export const modelResult =
  eachLearning<{
    [O in ObjectiveName]: {
      [A in AlgorithmName]: ReturnType<typeof modelResultOf<PartsOfObjective[O], PartsOfAlgorithm[A]>>;
    };
  }>(modelResultOf);

export const issueSchema = z.strictObject({
  code: z.string(),
  path: z.string(),
  message: z.string(),
  hint: z.string().optional(),
});

/** An issue that the engine finds in SQL, with the output column if it belongs to one. */
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
  /** Failed tasks; absent if none is known to have failed. */
  failed: z.array(z.string()).optional(),
  /** Tasks that did not run, with the reason. */
  skipped: z.array(z.strictObject({ task: z.string(), why: z.string() })),
  /** Tasks that ran, with the reason. */
  reasons: z.array(z.strictObject({ task: z.string(), why: z.string() })),
  models: z.array(modelResult),
  /** Drift of the rows from those that the live version of each model learned from: population stability indices. */
  drift: z.array(z.strictObject({ model: z.string(), drift: rowDrift })).optional(),
  /** Input files of this run: path below the data directory, content hash, bytes. */
  inputs: z.array(z.strictObject({ source: z.string(), path: z.string(), etag: z.string(), size: count })),
  /** Seconds by phase, in order: prepare, engine start, each stage, report. */
  phases: z.array(z.strictObject({ name: z.string(), seconds: z.number() })),
  /** The best possible value, on these data, of the metric that judges the model: from `generator.json`, if the data were generated. */
  best_possible: z.number().optional(),
  issues: z.array(issueSchema),
  /** Warnings of the run. */
  warnings: z.array(issueSchema).optional(),
  report: z.string().optional(),
});

export type Accounting = z.infer<typeof accounting>;
export type TaskMetrics = z.infer<typeof taskMetrics>;
export type TaskResult = z.infer<typeof taskResult>;
export type ModelResult = z.infer<typeof modelResult>;
export type RunDocument = z.infer<typeof runDocument>;
