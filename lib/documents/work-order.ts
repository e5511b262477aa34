import * as z from 'zod';
import { inputFile, usual } from './bookmark-state.ts';
import { issueSchema } from './run-document.ts';

/** What one run is to do: written beside the plan, read by the engine. */

const workFile = inputFile.extend({
  uri: z.string(),
  /** Rows of an earlier reading of this path are removed in the same commit. */
  replace: z.boolean(),
  /** Of a source with partitions: column -> its text in the names of the file's folders, null for a null. */
  partition: z.record(z.string(), z.string().nullable()).optional(),
});

const workItem = z.strictObject({
  task: z.string(),
  mode: z.enum(['full', 'incremental']),
  why: z.string(),
  /** Effective fingerprint; kept in the state when the task is done. */
  fingerprint: z.string(),
  parts: z.record(z.string(), z.string()),
  /** Of an ingest task. */
  files: z.array(workFile).optional(),
  /** Of an ingest task: inputs whose rows are removed. */
  withdrawn: z.array(z.string()).optional(),
  /** Whether the task was asked for by name or kind. */
  forced: z.boolean().optional(),
  /** Of an incremental transform: upstream -> the last version of it that was taken in. */
  since: z.record(z.string(), z.int().nonnegative()),
  /** What the last runs of the task were like. */
  usual: usual.optional(),
  /** Of a training: the number that its model gets. */
  modelVersion: z.int().positive().optional(),
});

export const workOrder = z.strictObject({
  format: z.literal('millrace-work'),
  version: z.literal(1),
  run: z.string(),
  pipeline: z.string(),
  sequence: z.int().nonnegative(),
  startedAt: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])),
  items: z.array(workItem),
  skipped: z.array(z.strictObject({ task: z.string(), why: z.string() })),
  /** What is worth knowing of the inputs, though it stops nothing. */
  warnings: z.array(issueSchema).optional(),
});

/** Names of the types in the generated files. */
export const typesOfWork = { WorkFile: workFile, WorkItem: workItem, Usual: usual, Issue: issueSchema };

export type WorkFile = z.infer<typeof workFile>;
export type WorkItem = z.infer<typeof workItem>;
export type WorkOrder = z.infer<typeof workOrder>;
