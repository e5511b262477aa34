import { describe, expect, test } from 'vitest';
import { decide, type Listing } from '../../lib/bookmarks/decide.ts';
import { type KnownModel, knownModel, nextVersion } from '../../lib/bookmarks/known-models.ts';
import { settled } from '../../lib/bookmarks/settle.ts';
import type { AnyDefinition } from '../../lib/definition/index.ts';
import { emptyState, type PipelineState } from '../../lib/documents/bookmark-state.ts';
import type { TaskOutcome } from '../../lib/documents/task-outcome.ts';
import type { WorkOrder } from '../../lib/documents/work-order.ts';
import { compile } from '../../lib/plan/compile.ts';
import { small, smallSql } from '../plan/pipelines.ts';

const plan = compile(small as unknown as AnyDefinition, smallSql, 'p/pipeline.ts').plan!;
const train = plan.tasks.find((task) => task.kind === 'train')!;
const predict = plan.tasks.find((task) => task.kind === 'predict')!;
const listing: Listing = Object.fromEntries(
  plan.tasks.flatMap((task) =>
    task.kind === 'ingest' ? [[task.name, [{ path: `${task.name}/a`, etag: 'e', size: 1, uri: 'u' }]]] : [],
  ),
);
const parameters = { as_of: '2025-01-01' };
const known = (model: Partial<KnownModel>) =>
  new Map([['model' in train ? train.model : '', { promoted: 0, versions: [], ...model }]]);
const decided = (state: PipelineState, model: Partial<KnownModel>, forced: string[] = []) =>
  decide(plan, state, listing, parameters, known(model), forced);

/** A state in which every task is done: v`trained` was trained, and v`scorer` scored. */
function done(trained: number, scorer: number): PipelineState {
  const { items } = decide(plan, emptyState(plan.pipeline), listing, parameters, new Map());
  const outcomes = items.map((item): TaskOutcome => {
    const task = plan.tasks.find(({ name }) => name === item.task)!;
    const version = task.kind === 'train' ? trained : 1;
    const consumed = Object.fromEntries(task.upstream.map((name) => [name, name === train.name ? scorer : 1]));
    const account = {
      read: 0,
      written: 0,
      aggregated: {},
      deduplicated: 0,
      filtered: {},
      quarantined: {},
      lookups: {},
    };
    return {
      task: item.task,
      kind: task.kind,
      stage: task.stage,
      mode: 'full',
      seconds: 1,
      ...account,
      warnings: [],
      version,
      rewritten: true,
      consumed,
    };
  });
  const order: WorkOrder = {
    format: 'millrace-work',
    version: 1,
    run: 'r',
    pipeline: plan.pipeline,
    sequence: 1,
    startedAt: 't',
    parameters,
    items,
    skipped: [],
  };
  return settled(emptyState(plan.pipeline), order, outcomes, true);
}

describe('the live version decides', () => {
  test('predictions are due if the live version is not the one that scored last, as after a rollback', () => {
    const state = done(2, 2);
    expect(decided(state, { live: 2 }).items).toEqual([]);
    const { items } = decided(state, { live: 1 });
    expect(items.map(({ task, mode, why }) => [task, mode, why])).toEqual([
      [predict.name, 'full', 'v1 is live, and v2 scored last'],
    ]);
    // Once v1 has scored, everything is done, until v2 is promoted by hand.
    expect(decided(done(2, 1), { live: 1 }).items).toEqual([]);
    expect(decided(done(2, 1), { live: 2 }).items).toHaveLength(1);
  });

  test('a requested training is skipped if the live version learned from these rows, and done if another version is live', () => {
    const idle = decided(done(2, 2), { live: 2 }, ['train']);
    expect(idle.items).toEqual([]);
    expect(idle.skipped.find(({ task }) => task === train.name)!.why).toBe(
      'nothing new to learn: the live v2 learned from the same rows in the same way',
    );
    expect(decided(done(2, 2), { live: 1, versions: [1, 2], promoted: 2 }, ['train']).items[0]).toMatchObject({
      task: train.name,
      why: 'forced',
      modelVersion: 3,
    });
  });
});

describe('the number of a model', () => {
  const last = done(4, 4).tasks[train.name]!;
  test.each([
    ['the first is 1', undefined, undefined, false, 1],
    ['also after runs that failed before they trained', knownModel([], []), undefined, true, 1],
    ['also after one that failed before it was judged', knownModel([], [1]), undefined, true, 1],
    ['one more than those that were held', knownModel([], [1, 2]), undefined, false, 3],
    ['one more than the last that was judged', knownModel([{ version: 3 }], [3, 4]), last, false, 5],
    ['the number that an unjudged one left', knownModel([{ version: 3 }], [3, 4, 5]), last, true, 5],
    [
      'one above any promoted version, even if its files are gone',
      knownModel([{ version: 7 }, { version: 2 }], []),
      undefined,
      false,
      8,
    ],
  ])('%s', (_, model, state, inDoubt, number) => {
    expect(nextVersion(model, state, inDoubt)).toBe(number);
  });

  test('is in the work order of the run', () => {
    const { items } = decide(plan, emptyState(plan.pipeline), listing, parameters, new Map());
    expect(items.find(({ task }) => task === train.name)).toMatchObject({ modelVersion: 1 });
  });
});
