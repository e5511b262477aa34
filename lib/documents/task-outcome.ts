import * as z from 'zod';
import type { Task } from '../plan/schema.ts';
import { tableLayer } from '../plan/task-kinds.ts';
import { usual } from './bookmark-state.ts';
import { type ModelResult, modelResult, type RunDocument, type TaskResult, taskResult } from './run-document.ts';

/** The engine's report of a finished task: an event, and `runs/<pipeline>/<run>/tasks/<task>.json` for the bookmarks. */

const count = z.int().nonnegative();

export const taskOutcome = taskResult.omit({ table: true }).extend({
  /** Delta version, or model version, that the task left behind. */
  version: count,
  /** Whether the commit did more than append rows. */
  rewritten: z.boolean(),
  rows: count.optional(),
  /** Delta's ids of the table and of its quarantine table. */
  tableId: z.string().optional(),
  rejectsId: z.string().optional(),
  /** For an ingest task: rows of each file in bronze. */
  fileRows: z.record(z.string(), count).optional(),
  /** The measurements that the bounds of later runs are judged against. */
  measures: usual.optional(),
  /** Upstream table -> the version that was read. */
  consumed: z.record(z.string(), count),
  /** For a training with nothing new to learn: the reason. */
  unchanged: z.string().optional(),
  model: z.looseObject({ name: z.string(), version: count, folder: z.string() }).optional(),
});

/** Names of the types in the generated files. */
export const typesOfOutcome = { TrainedModel: taskOutcome.shape.model.unwrap() };

/** The part of the outcome that the task reports; the stage adds its name and duration. */
export const taskAccount = taskOutcome.omit({
  task: true,
  kind: true,
  stage: true,
  mode: true,
  seconds: true,
  metrics: true,
});

/** Where the rows of a task went. */
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

/** An outcome in the form of the run document. */
export function resultOf(task: Task | undefined, outcome: TaskOutcome): TaskResult {
  const { version, rewritten: _, rows, consumed: __, model: ___, unchanged: _______, ...rest } = outcome;
  const { tableId: ____, rejectsId: _____, fileRows: ______, measures: ________, ...account } = rest;
  const layer = task === undefined ? undefined : tableLayer(task);
  return {
    ...account,
    ...(layer !== undefined && { table: { name: outcome.task, layer, version, rows: rows ?? outcome.written } }),
  };
}

/** Trainings that found nothing new to learn, in the form of skipped tasks of the run document. */
export const unchangedTasks = (outcomes: readonly TaskOutcome[]): { task: string; why: string }[] =>
  outcomes.flatMap(({ task, unchanged }) => (unchanged === undefined ? [] : [{ task, why: unchanged }]));

/** The fields of a verdict for the run document. */
type JudgedAs = Pick<ModelResult, 'version' | 'reason' | 'compared' | 'verdict'> & {
  model: string;
  drift?: NonNullable<RunDocument['drift']>[number]['drift'] | undefined;
};

/** The drift of new rows for each live version, in the form of the run document. */
export const driftOf = (verdicts: readonly JudgedAs[]): NonNullable<RunDocument['drift']> =>
  verdicts.flatMap(({ model, drift }) => (drift === undefined ? [] : [{ model, drift }]));

/** A trained model with the gate's verdict, in the form of the run document. */
export function judgedModel(model: NonNullable<TaskOutcome['model']>, verdicts: readonly JudgedAs[]): ModelResult {
  const verdict = verdicts.find((each) => each.model === model.name && each.version === model.version);
  const judged = {
    verdict: verdict?.verdict ?? 'hold',
    reason: verdict?.reason ?? 'not judged: the run failed before the gate',
    ...(verdict?.compared && { compared: verdict.compared }),
  };
  return modelResult.parse({ ...model, ...judged });
}
