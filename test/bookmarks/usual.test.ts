import { expect, test } from 'vitest';
import { decide } from '../../lib/bookmarks/decide.ts';
import { settled } from '../../lib/bookmarks/settle.ts';
import { emptyState, type PipelineState } from '../../lib/documents/bookmark-state.ts';
import { type TaskOutcome, taskOutcome } from '../../lib/documents/task-outcome.ts';
import { type WorkOrder, workOrder } from '../../lib/documents/work-order.ts';
import { planSchema } from '../../lib/plan/schema.ts';
import { goldenPlans } from '../plan/golden-plans.ts';

/** The usual figures of a task go from its report to the bookmarks, and from there into the next work order. */

const outcome = (measures?: TaskOutcome['measures']): TaskOutcome =>
  taskOutcome.parse({
    ...{ task: 'people', kind: 'ingest', stage: 'build', mode: 'full', seconds: 1, read: 100, written: 90 },
    ...{ aggregated: {}, deduplicated: 0, filtered: {}, quarantined: { r: 10 }, lookups: {}, warnings: [] },
    ...{ version: 0, rewritten: true, rows: 90, consumed: {}, ...(measures && { measures }) },
  });
const order = {
  run: 'r1',
  items: [{ task: 'people', mode: 'full', fingerprint: 'f', parts: {} }],
} as unknown as WorkOrder;
const after = (state: PipelineState, measures?: TaskOutcome['measures']) =>
  settled(state, order, [outcome(measures)], true);

test('the newest run weighs most, and a run of an older engine changes nothing', () => {
  const one = after(emptyState('small'), { read: 100, quarantined: 10, rows: 90, nulls: { born: 4 } });
  expect(one.tasks['people']!.usual).toEqual({ read: 100, quarantined: 10, rows: 90, nulls: { born: 4 } });
  const two = after(one, { read: 200, quarantined: 0, rows: 200, nulls: { born: 0, town: 7 } });
  expect(two.tasks['people']!.usual).toEqual({ read: 250, quarantined: 5, rows: 245, nulls: { born: 2, town: 7 } });
  expect(after(two).tasks['people']!.usual).toEqual(two.tasks['people']!.usual);
});

test('the next work order passes it to the engine', async () => {
  const plan = planSchema.parse(JSON.parse((await goldenPlans())['small.plan.json']!));
  const usual = { read: 100, quarantined: 10, rows: 90, nulls: {} };
  const state = after(emptyState('small'), usual);
  const file = { path: 'people/1.csv', etag: 'e', size: 1, uri: '/people/1.csv' };
  const { items } = decide(plan, state, { people: [file] }, { as_of: '2025-01-01' }, new Map());
  const people = items.find((item) => item.task === 'people')!;
  expect(people.usual).toEqual(usual);
  expect(workOrder.shape.items.parse(items)).toContainEqual(people);
});
