import * as z from 'zod';

/** The bookmarks' document, one per pipeline: the last outcome of each task and the current holder. */

const count = z.int().nonnegative();

export const inputFile = z.strictObject({
  /** Path below the data directory. */
  path: z.string(),
  /** SHA-256 of the content, so that a file rewritten within the same second is recognised as changed. */
  etag: z.string(),
  size: count,
});

/** An input that was read. */
const takenFile = inputFile.extend({
  /** Rows of this file in bronze; absent if an older engine read it. */
  rows: count.optional(),
  /** Its rows were removed on purpose, and it is not read again until its content changes. */
  withdrawn: z.boolean().optional(),
  /** The next run must read it again and replace its rows. */
  rewound: z.boolean().optional(),
});

/** Averages over the last runs of a task, weighted towards the newest. Bounds are judged against them. */
export const usual = z.strictObject({
  read: z.number(),
  quarantined: z.number(),
  /** Rows committed; `nulls` counts the nulls per column. */
  rows: z.number(),
  nulls: z.record(z.string(), z.number()),
});

const taskState = z.strictObject({
  /** Effective fingerprint: of the plan, including parameter values and upstream fingerprints. */
  fingerprint: z.string(),
  parts: z.record(z.string(), z.string()),
  run: z.string(),
  /** Delta version, or model version, that the task left behind. */
  version: count,
  /** The last version whose commit did more than append rows. */
  rewrittenAt: count,
  /** Upstream table -> the version that this task has read. */
  consumed: z.record(z.string(), count),
  /** For a predict task: the model version that scored. */
  scoredBy: count.optional(),
  /** Delta's ids of the table and of its quarantine table, to detect replaced tables. */
  tableId: z.string().optional(),
  rejectsId: z.string().optional(),
  /** Upstream table -> Delta's id of the table that was read. */
  consumedIds: z.record(z.string(), z.string()).optional(),
  /** Number of the run that did the task. Commits of later runs in the table's log are in doubt. */
  sequence: count.optional(),
  /** Number of the last run that committed to the table; a run with nothing to write leaves no trace in its log. */
  committed: count.optional(),
  /** Why the task must run in full, if only its tables show it. */
  rebuild: z.string().optional(),
  /** For an ingest task: path -> file. */
  files: z.record(z.string(), takenFile).optional(),
  usual: usual.optional(),
});

export const pipelineState = z.strictObject({
  format: z.literal('millrace-state'),
  version: z.literal(1),
  pipeline: z.string(),
  /** Incremented with each run that starts; part of every commit's transaction id. */
  sequence: count,
  tasks: z.record(z.string(), taskState),
  /**
   * Tasks that a run started without reporting an outcome, with the paths to ingest. It is unknown whether they were committed, so
   * an append may not simply be repeated.
   */
  inDoubt: z.record(z.string(), z.array(z.string())),
  /** For a task in doubt: the fingerprint that was tried last, and whether the task was forced. */
  tried: z.record(z.string(), z.strictObject({ fingerprint: z.string(), forced: z.boolean() })).optional(),
  /** Source -> inputs whose rows the next run removes. */
  withdraw: z.record(z.string(), z.array(z.string())).optional(),
  lastRun: z.string().optional(),
  /** Incremented with each change; a writer must have read the previous revision. */
  revision: count.default(0),
  /** The run that works on the pipeline. Only the holder of its token may commit. */
  claim: z.strictObject({ run: z.string(), token: count, holder: z.string(), at: z.string() }).optional(),
});

export type TakenFile = z.infer<typeof takenFile>;
export type InputFile = z.infer<typeof inputFile>;
export type TaskState = z.infer<typeof taskState>;
export type PipelineState = z.infer<typeof pipelineState>;

export const emptyState = (pipeline: string): PipelineState => ({
  format: 'millrace-state',
  version: 1,
  pipeline,
  sequence: 0,
  tasks: {},
  inDoubt: {},
  revision: 0,
});
