import type { PipelineState } from '../documents/bookmark-state.ts';
import type { TaskOutcome } from '../documents/task-outcome.ts';
import type { WorkOrder } from '../documents/work-order.ts';
import type { Issue } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';
import type { Listing } from './decide.ts';
import type { KnownModels } from './known-models.ts';

/** A write conflict: load again and decide again. */
export class BookmarkConflict extends Error {
  override readonly name = 'BookmarkConflict';
}

/** Stores the state of each pipeline. */
export interface BookmarkStore {
  /** The newest state; empty if the pipeline never ran. */
  load(pipeline: string): Promise<PipelineState>;
  /**
   * Saves `state` as the next revision and returns it. Throws BookmarkConflict and saves nothing if the stored revision is no longer
   * that of `state`.
   */
  save(state: PipelineState): Promise<PipelineState>;
}

export interface Inputs {
  /** A listing whose files may have a write time, ISO 8601. */
  files: Readonly<Record<string, readonly (Listing[string][number] & { writtenAt?: string })[]>>;
  /** Warnings about files that are not read. */
  warnings: readonly Issue[];
}

/** The ports of the bookmarks. `plan` and `data` are URIs from the claim request. */
export interface BookmarkPorts {
  store: BookmarkStore;
  plan(uri: string): Promise<Plan>;
  /** The input objects of each source, each with its key, etag and size. */
  inputs(plan: Plan, data: string): Promise<Inputs>;
  /**
   * The state, corrected by what the lake contains, with a sequence number that no table and no work order has yet: see `reconciled`.
   */
  present(plan: Plan, state: PipelineState): Promise<PipelineState>;
  /** The live version and all versions of each model of the plan. */
  models(plan: Plan): Promise<KnownModels>;
  /** Writes the work order of a run, for the engine and for settling the run. Returns its URI. */
  writeOrder(order: WorkOrder): Promise<string>;
  order(run: string): Promise<WorkOrder | undefined>;
  /** The outcomes that the engine has reported so far. */
  outcomes(run: string): Promise<TaskOutcome[]>;
  /** Whether the holder of a claim is still working on its run. */
  alive(claim: { run: string; holder: string; at: string }): Promise<boolean>;
  now(): Date;
}
