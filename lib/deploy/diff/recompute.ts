import { type Decisions, decide, type Listing, type ParameterValues } from '../../bookmarks/decide.ts';
import type { KnownModels } from '../../bookmarks/known-models.ts';
import { readParameters } from '../../bookmarks/run-parameters.ts';
import { emptyState, type PipelineState, type TaskState } from '../../documents/bookmark-state.ts';
import type { Plan } from '../../plan/schema.ts';
import { listsFiles, modelNames } from '../../plan/task-kinds.ts';

/** A task that runs because of a changed definition, regardless of new input. */
export interface Recomputed {
  pipeline: string;
  task: string;
  kind: string;
  mode: 'full' | 'incremental';
  why: string;
}

/** The tasks that the next run executes only because of the plan, given the state of the deployed pipeline. */
export function recomputed(plan: Plan, state: PipelineState, models: KnownModels): Recomputed[] {
  const { items } = decided(plan, atRest(state), takenAlready(state), models);
  return items.map(({ task, mode, why }) => ({
    pipeline: plan.pipeline,
    task,
    kind: plan.tasks.find(({ name }) => name === task)!.kind,
    mode,
    why,
  }));
}

/** The state after all tasks of a plan are done, for a comparison without bookmarks. */
export function asIfDone(plan: Plan): PipelineState {
  const empty = emptyState(plan.pipeline);
  const { items } = decided(plan, empty, {}, modelsOf(plan));
  const tasks = items.map(({ task, fingerprint, parts }): [string, TaskState] => {
    const known = plan.tasks.find(({ name }) => name === task)!;
    const consumed = Object.fromEntries(known.upstream.map((name) => [name, 1]));
    const files = listsFiles(known) ? { files: {} } : {};
    return [task, { fingerprint, parts, run: 'deployed', version: 1, rewrittenAt: 0, consumed, ...files }];
  });
  return { ...empty, tasks: Object.fromEntries(tasks) };
}

/** All models of a plan, assuming that the first version of each is live. */
export const modelsOf = (plan: Plan): KnownModels =>
  new Map(modelNames(plan).map((model) => [model, { live: 1, promoted: 1, versions: [1] }] as const));

const decided = (plan: Plan, state: PipelineState, listing: Listing, models: KnownModels): Decisions =>
  decide(plan, state, listing, defaults(plan), models);

const defaults = (plan: Plan): ParameterValues => readParameters(plan, {}).values;

/** The state without work that the next run does in any case: stopped runs, inputs to read again or to withdraw. */
function atRest({ tried: _, withdraw: __, ...state }: PipelineState): PipelineState {
  const tasks = Object.entries(state.tasks).map(([name, task]): [string, TaskState] => {
    const files = Object.entries(task.files ?? {}).map(([path, { rewound: _, ...file }]) => [path, file] as const);
    return [name, task.files === undefined ? task : { ...task, files: Object.fromEntries(files) }];
  });
  return { ...state, inDoubt: {}, tasks: Object.fromEntries(tasks) };
}

/** The inputs as of the last run, because new or rewritten files do not depend on the plan. */
function takenAlready(state: PipelineState): Listing {
  return Object.fromEntries(
    Object.entries(state.tasks).map(([name, { files = {} }]) => [
      name,
      Object.values(files).map((file) => ({ ...file, uri: '' })),
    ]),
  );
}
