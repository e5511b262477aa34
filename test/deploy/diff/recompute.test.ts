import { describe, expect, test } from 'vitest';
import { asIfDone, modelsOf, recomputed } from '../../../lib/deploy/diff/recompute.ts';
import type { Plan, TransformTask } from '../../../lib/plan/schema.ts';
import { churn } from '../../stacks/synthesised.ts';

/** The plan with another fingerprint part of one transform. */
function changed(plan: Plan, name: string): Plan {
  return {
    ...plan,
    tasks: plan.tasks.map((task) =>
      task.name === name
        ? { ...(task as TransformTask), fingerprint: { value: 'x', parts: { ...task.fingerprint.parts, sql: 'x' } } }
        : task,
    ),
  };
}

describe('data to recompute', () => {
  test('are none for the plan that ran', () => {
    expect(recomputed(churn, asIfDone(churn), modelsOf(churn))).toEqual([]);
  });

  test('are the changed table and everything downstream, with the reason', () => {
    const found = recomputed(changed(churn, 'churn_features'), asIfDone(churn), modelsOf(churn));
    expect(found.map(({ task, mode, why }) => [task, mode, why])).toEqual([
      ['churn_features', 'full', 'changed sql'],
      ['train_churn', 'full', 'changed upstream: churn_features'],
      ['predictions', 'full', expect.stringMatching(/^changed upstream: /)],
    ]);
  });

  test('are all tasks if nothing has run', () => {
    const found = recomputed(churn, { ...asIfDone(churn), tasks: {} }, modelsOf(churn));
    expect(found.map(({ task }) => task)).toEqual(churn.tasks.map(({ name }) => name));
  });

  test('do not include new and rewritten inputs', () => {
    const state = asIfDone(churn);
    const customers = {
      ...state.tasks['customers']!,
      files: { 'customers/a.csv': { path: 'customers/a.csv', etag: '1', size: 1 } },
    };
    expect(recomputed(churn, { ...state, tasks: { ...state.tasks, customers } }, modelsOf(churn))).toEqual([]);
  });
});
