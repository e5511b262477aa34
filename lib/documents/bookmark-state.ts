import * as z from 'zod';

/** What each task last did and who holds the pipeline now: the bookmarks' document, one a pipeline. */

const count = z.int().nonnegative();

export const inputFile = z.strictObject({
  /** Path below the data directory. */
  path: z.string(),
  /** SHA-256 of the content: a file that was rewritten in the same second is still another file. */
  etag: z.string(),
  size: count,
});

/** An input that was taken in. */
const takenFile = inputFile.extend({
  /** Rows that it left in bronze; absent where an older engine read it. */
  rows: count.optional(),
  /** Its rows were removed on purpose, and it is not read again until its content changes. */
  withdrawn: z.boolean().optional(),
  /** It is to be read again, in place of its rows. */
  rewound: z.boolean().optional(),
});

/** Rows of the last runs of a task, the newest weighing most: what its bounds are judged against. */
export const usual = z.strictObject({
  read: z.number(),
  quarantined: z.number(),
  /** Rows committed, and how many of them were null in a column. */
  rows: z.number(),
  nulls: z.record(z.string(), z.number()),
});

const taskState = z.strictObject({
  /** Effective fingerprint: the plan's, parameter values and upstream included. */
  fingerprint: z.string(),
  parts: z.record(z.string(), z.string()),
  run: z.string(),
  /** Delta version, or model version, that the task left behind. */
  version: count,
  /** The last version that did more than append rows. */
  rewrittenAt: count,
  /** Upstream -> the version of it that this task has taken in. */
  consumed: z.record(z.string(), count),
  /** Of a predict task: the version of the model that scored. */
  scoredBy: count.optional(),
  /** Delta's ids of the table and of its rejects' table: a table of the same name may be another one. */
  tableId: z.string().optional(),
  rejectsId: z.string().optional(),
  /** Upstream -> Delta's id of the table of which that version was taken in. */
  consumedIds: z.record(z.string(), z.string()).optional(),
  /** Number of the run that did it. What a table's log has of later runs is in doubt. */
  sequence: count.optional(),
  /** Number of the last run that committed to the table: one that had nothing to write leaves no trace in its log. */
  committed: count.optional(),
  /** Why the task must be done in full, where that shows only in its tables. */
  rebuild: z.string().optional(),
  /** Of an ingest task: path -> file. */
  files: z.record(z.string(), takenFile).optional(),
  usual: usual.optional(),
});

export const pipelineState = z.strictObject({
  format: z.literal('millrace-state'),
  version: z.literal(1),
  pipeline: z.string(),
  /** One more with each run that starts; part of every commit's transaction id. */
  sequence: count,
  tasks: z.record(z.string(), taskState),
  /**
   * Tasks that a run set out to do and has not reported back, with the paths it was to ingest. Whether they were committed is
   * unknown, so an append may not simply be done again.
   */
  inDoubt: z.record(z.string(), z.array(z.string())),
  /** Of a task in doubt: the fingerprint that was tried last, and whether the task had been asked for. */
  tried: z.record(z.string(), z.strictObject({ fingerprint: z.string(), forced: z.boolean() })).optional(),
  /** Source -> inputs whose rows the next run removes. */
  withdraw: z.record(z.string(), z.array(z.string())).optional(),
  lastRun: z.string().optional(),
  /** One more with each change; whoever saves must have seen the one before. */
  revision: count.default(0),
  /** The run that works on the pipeline. Only who holds its token may commit. */
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
