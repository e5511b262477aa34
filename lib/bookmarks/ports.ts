import type { PipelineState } from '../documents/bookmark-state.ts';
import type { TaskOutcome } from '../documents/task-outcome.ts';
import type { WorkOrder } from '../documents/work-order.ts';
import type { Issue } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';
import type { Listing } from './decide.ts';
import type { KnownModels } from './known-models.ts';

/** Another writer was faster: load again, and decide again. */
export class BookmarkConflict extends Error {
  override readonly name = 'BookmarkConflict';
}

/** Where the state of each pipeline is kept. */
export interface BookmarkStore {
  /** The newest state, empty where the pipeline never ran. */
  load(pipeline: string): Promise<PipelineState>;
  /**
   * Keeps `state` as the revision after its own and returns it. Throws BookmarkConflict, and keeps nothing, where the kept revision is
   * not that of `state` any more.
   */
  save(state: PipelineState): Promise<PipelineState>;
}

export interface Inputs {
  /** A listing whose files may tell when each was written, ISO 8601. */
  files: Readonly<Record<string, readonly (Listing[string][number] & { writtenAt?: string })[]>>;
  /** What lies there and is not read. */
  warnings: readonly Issue[];
}

/** What the bookmarks need from outside. `plan`, `data` and `root` are the URIs of a claim's request. */
export interface BookmarkPorts {
  store: BookmarkStore;
  plan(uri: string): Promise<Plan>;
  /** The input objects of each source, each with its key, etag and size. */
  inputs(plan: Plan, data: string): Promise<Inputs>;
  /**
   * The state as far as the lake bears it out, with a sequence number that no table and no order knows yet: see `reconciled`.
   */
  present(plan: Plan, state: PipelineState): Promise<PipelineState>;
  /** What is live of each model of the plan, and which versions there are. */
  models(plan: Plan): Promise<KnownModels>;
  /** Writes the order of a run down, for the engine and for whoever settles the run. Returns its URI. */
  writeOrder(order: WorkOrder): Promise<string>;
  order(run: string): Promise<WorkOrder | undefined>;
  /** What the engine reported of the run's tasks so far. */
  outcomes(run: string): Promise<TaskOutcome[]>;
  /** Whether a claim's holder still works on its run. */
  alive(claim: { run: string; holder: string; at: string }): Promise<boolean>;
  now(): Date;
}
