import * as z from 'zod';
import { taskResult } from './run-document.ts';

/** What the engine reports of a task that is done: an event as it happens, and `runs/<run>/tasks/<task>.json` for the ledger. */

const count = z.int().nonnegative();

export const taskOutcome = taskResult.omit({ table: true }).extend({
  /** Delta version, or model version, that the task left behind. */
  version: count,
  /** Whether it did more than append rows. */
  rewritten: z.boolean(),
  rows: count.optional(),
  /** Upstream -> the version of it that was taken in. */
  consumed: z.record(z.string(), count),
  model: z.looseObject({ name: z.string(), version: count, folder: z.string() }).optional(),
});

export type TaskOutcome = z.infer<typeof taskOutcome>;
