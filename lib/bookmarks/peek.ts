import type { PipelineState } from '../documents/bookmark-state.ts';
import type { Issue } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';
import { listsFiles } from '../plan/task-kinds.ts';
import { busy } from './contention.ts';
import { type Decisions, decide, type Listing, type ParameterValues } from './decide.ts';
import { emptyFiles } from './empty-files.ts';
import { missingFiles, missingWarning } from './ingest-decision.ts';
import type { BookmarkPorts, Inputs } from './ports.ts';
import { type RunParameters, readParameters } from './run-parameters.ts';
import { sameContent } from './same-content.ts';
import { settled } from './settle.ts';

export interface PeekRequest {
  pipeline: string;
  /** URIs of the plan and of the folder with the sources. */
  plan: string;
  data: string;
  parameters?: RunParameters;
}

export interface Peeked {
  state: PipelineState;
  plan: Plan;
  listing: Listing;
  newestInput?: string;
  parameters: ParameterValues;
  decisions: Decisions;
  /** Warnings about the inputs. */
  warnings: Issue[];
}

/** Returns what a claim would take now, and why. Changes nothing. */
export async function peek(request: PeekRequest, ports: BookmarkPorts): Promise<Peeked> {
  const { state } = await recovered(request.pipeline, ports);
  return decided(state, request, ports);
}

/** Settles a claim whose holder is gone. Throws MR504 if the holder is alive, unless the claim belongs to the run `claiming`. */
export async function recovered(
  pipeline: string,
  ports: BookmarkPorts,
  claiming?: { run: string },
): Promise<{ state: PipelineState; changed: boolean }> {
  const state = await ports.store.load(pipeline);
  if (state.claim === undefined || state.claim.run === claiming?.run) return { state, changed: false };
  if (await ports.alive(state.claim)) {
    if (claiming === undefined) return { state, changed: false };
    throw busy(state.claim, pipeline);
  }
  const { run } = state.claim;
  return { state: settled(state, await ports.order(run), await ports.outcomes(run), false), changed: true };
}

export async function decided(kept: PipelineState, request: PeekRequest, ports: BookmarkPorts): Promise<Peeked> {
  const plan = await ports.plan(request.plan);
  const { values: parameters, force, dropMissing } = readParameters(plan, request.parameters ?? {});
  const [state, inputs, models] = await Promise.all([
    ports.present(plan, kept),
    ports.inputs(plan, request.data),
    ports.models(plan),
  ]);
  const { listing, newestInput } = dated(inputs.files);
  const decisions = decide(plan, state, listing, parameters, models, force, dropMissing);
  const gone = plan.tasks.flatMap((task) => {
    const missing = missingFiles(state.tasks[task.name], listing[task.name] ?? []);
    const withdrawn = state.withdraw?.[task.name] ?? [];
    // A file without rows leaves nothing behind.
    const stay = missing.filter(({ path, rows }) => rows !== 0 && !withdrawn.includes(path));
    const item = decisions.items.find((each) => each.task === task.name);
    return !listsFiles(task) || stay.length === 0 || item?.mode === 'full'
      ? []
      : [missingWarning(plan.pipeline, task.name, stay)];
  });
  const newest = newestInput !== undefined && { newestInput };
  const warnings = [
    ...inputs.warnings,
    ...gone,
    ...emptyFiles(decisions.items),
    ...sameContent(decisions.items, listing, state),
    ...decisions.drops,
  ];
  return { state, plan, listing, ...newest, parameters, decisions, warnings };
}

/** Separates write times from the listing: files are identified by path and etag, never by time. */
function dated(inputs: Inputs['files']): { listing: Listing; newestInput: string | undefined } {
  const times = Object.values(inputs).flatMap((files) => files.flatMap(({ writtenAt }) => writtenAt ?? []));
  const listing = Object.entries(inputs).map(([source, files]) => [
    source,
    files.map(({ writtenAt: _, ...file }) => file),
  ]);
  return {
    listing: Object.fromEntries(listing),
    newestInput: times.reduce<string | undefined>((a, b) => (a === undefined || a < b ? b : a), undefined),
  };
}
