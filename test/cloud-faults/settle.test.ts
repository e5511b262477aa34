import { expect, test } from 'vitest';
import { settled } from '../../lib/bookmarks/settle.ts';
import { emptyState } from '../../lib/documents/bookmark-state.ts';
import type { TaskOutcome } from '../../lib/documents/task-outcome.ts';
import type { WorkOrder } from '../../lib/documents/work-order.ts';

const outcome = (task: string, kind: TaskOutcome['kind']): TaskOutcome => ({
  task,
  kind,
  stage: 's',
  mode: 'full',
  seconds: 1,
  read: 0,
  written: 0,
  aggregated: {},
  deduplicated: 0,
  filtered: {},
  quarantined: {},
  lookups: {},
  warnings: [],
  version: 1,
  rewritten: true,
  consumed: {},
});
const features = outcome('features', 'transform');
const training = outcome('train_churn', 'train');
const scoring = outcome('predictions', 'predict');

const order: WorkOrder = {
  format: 'millrace-work',
  version: 1,
  run: 'r1',
  pipeline: 'churn',
  sequence: 1,
  startedAt: 't',
  parameters: {},
  items: ['features', 'train_churn', 'predictions'].map((task) => ({
    task,
    mode: 'full',
    why: 'new',
    fingerprint: 'f',
    parts: {},
    since: {},
  })),
  skipped: [],
};
const state = { ...emptyState('churn'), inDoubt: { features: [], train_churn: [], predictions: [] } };
const done = (outcomes: TaskOutcome[], complete: boolean) =>
  Object.keys(settled(state, order, outcomes, complete).tasks);

test('a training whose run ended before the gate judged it is not done, so that it will be judged', () => {
  expect(done([features, training], false)).toEqual(['features']);
  expect(settled(state, order, [features, training], false).inDoubt).toEqual({ train_churn: [], predictions: [] });
});

test('a training of a run that succeeded or scored was judged', () => {
  expect(done([features, training], true)).toEqual(['features', 'train_churn']);
  expect(done([features, training, scoring], false)).toEqual(['features', 'train_churn', 'predictions']);
});
