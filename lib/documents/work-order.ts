import * as z from 'zod';
import { inputFile, usual } from './bookmark-state.ts';
import { issueSchema } from './run-document.ts';

/** The work of one run: written beside the plan, read by the engine. */

const workFile = inputFile.extend({
  uri: z.string(),
  /** Whether rows of an earlier read of this path are removed in the same commit. */
  replace: z.boolean(),
  /** For a source with partitions: column -> its text in the folder names, null for a null. */
  partition: z.record(z.string(), z.string().nullable()).optional(),
});

const workItem = z.strictObject({
  task: z.string(),
  mode: z.enum(['full', 'incremental']),
  why: z.string(),
  /** Effective fingerprint; stored in the state when the task is done. */
  fingerprint: z.string(),
  parts: z.record(z.string(), z.string()),
  /** For an ingest task. */
  files: z.array(workFile).optional(),
  /** For an ingest task: inputs whose rows are removed. */
  withdrawn: z.array(z.string()).optional(),
  /** Whether the task was forced by name or kind. */
  forced: z.boolean().optional(),
  /** For an ingest task: whether it rebuilds its table, although it keeps the rows of deleted files. The claim knows all its changes. */
  rebuild: z.boolean().optional(),
  /** For an incremental transform: upstream table -> the last version that was read. */
  since: z.record(z.string(), z.int().nonnegative()),
  /** Averages over the last runs of the task. */
  usual: usual.optional(),
  /** For a training: the number of the new version. */
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
  /** Warnings about the inputs. */
  warnings: z.array(issueSchema).optional(),
});

/** Names of the types in the generated files. */
export const typesOfWork = { WorkFile: workFile, WorkItem: workItem, Usual: usual, Issue: issueSchema };

export type WorkFile = z.infer<typeof workFile>;
export type WorkItem = z.infer<typeof workItem>;
export type WorkOrder = z.infer<typeof workOrder>;
