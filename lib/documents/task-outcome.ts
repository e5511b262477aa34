import * as z from 'zod';
import { type Task, tableLayer } from '../plan/schema.ts';
import { usual } from './bookmark-state.ts';
import { type ModelResult, type RunDocument, type TaskResult, taskResult } from './run-document.ts';

/** What the engine reports of a task that is done: an event as it happens, and `runs/<run>/tasks/<task>.json` for the bookmarks. */

const count = z.int().nonnegative();

export const taskOutcome = taskResult.omit({ table: true }).extend({
  /** Delta version, or model version, that the task left behind. */
  version: count,
  /** Whether it did more than append rows. */
  rewritten: z.boolean(),
  rows: count.optional(),
  /** Delta's ids of the table and of its rejects' table. */
  tableId: z.string().optional(),
  rejectsId: z.string().optional(),
  /** Of an ingest task: rows that each file left in bronze. */
  fileRows: z.record(z.string(), count).optional(),
  /** What the next runs' bounds are judged against. */
  measures: usual.optional(),
  /** Upstream -> the version of it that was taken in. */
  consumed: z.record(z.string(), count),
  /** Of a training that had nothing new to learn: why. */
  unchanged: z.string().optional(),
  model: z.looseObject({ name: z.string(), version: count, folder: z.string() }).optional(),
});

/** Names of the types in the generated files. */
export const typesOfOutcome = { TrainedModel: taskOutcome.shape.model.unwrap() };

/** What a task reports of itself when it is done; the stage adds which task it was and how long it took. */
export const taskAccount = taskOutcome.omit({
  task: true,
  kind: true,
  stage: true,
  mode: true,
  seconds: true,
  metrics: true,
});

/** Where the rows went that a task read. */
export const rowAccount = taskAccount.pick({
  read: true,
  written: true,
  aggregated: true,
  deduplicated: true,
  filtered: true,
  quarantined: true,
  lookups: true,
  reads: true,
});

export type TaskOutcome = z.infer<typeof taskOutcome>;

/** An outcome as the run document has it. */
export function resultOf(task: Task | undefined, outcome: TaskOutcome): TaskResult {
  const { version, rewritten: _, rows, consumed: __, model: ___, unchanged: _______, ...rest } = outcome;
  const { tableId: ____, rejectsId: _____, fileRows: ______, measures: ________, ...account } = rest;
  const layer = task === undefined ? undefined : tableLayer(task);
  return {
    ...account,
    ...(layer !== undefined && { table: { name: outcome.task, layer, version, rows: rows ?? outcome.written } }),
  };
}

/** Tasks that found that there was nothing to do, as the run document has them: among those that were skipped. */
export const unchangedTasks = (outcomes: readonly TaskOutcome[]): { task: string; why: string }[] =>
  outcomes.flatMap(({ task, unchanged }) => (unchanged === undefined ? [] : [{ task, why: unchanged }]));

/** What the run document takes of a verdict. */
type JudgedAs = Pick<ModelResult, 'version' | 'reason' | 'compared'> & {
  model: string;
  verdict: 'promote' | 'hold' | 'keep';
  drift?: NonNullable<RunDocument['drift']>[number]['drift'] | undefined;
};

/** How far new rows have moved from what each live version learned from, as the run document has it. */
export const driftOf = (verdicts: readonly JudgedAs[]): NonNullable<RunDocument['drift']> =>
  verdicts.flatMap(({ model, drift }) => (drift === undefined ? [] : [{ model, drift }]));

/** A trained model as the run document has it, with what the gate said of it. */
export function judgedModel(model: NonNullable<TaskOutcome['model']>, verdicts: readonly JudgedAs[]): ModelResult {
  const verdict = verdicts.find((each) => each.model === model.name && each.version === model.version);
  const judged = {
    verdict: verdict?.verdict ?? 'hold',
    reason: verdict?.reason ?? 'not judged: the run failed before',
    ...(verdict?.compared && { compared: verdict.compared }),
  };
  return { ...model, ...judged } as unknown as ModelResult;
}
