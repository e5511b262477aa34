import { expect, test } from 'vitest';
import { planAsset } from '../../../lib/constructs/pipeline/plan-asset.ts';
import { churn } from '../../stacks/synthesised.ts';
import { plainStack } from '../alone.ts';

const keyOf = (plan: typeof churn) => planAsset(plainStack().stack, 'Plan', plan).s3ObjectKey;

test('the same plan is the same object for any order of keys; a changed plan is another', () => {
  const turned = Object.fromEntries(Object.entries(churn).reverse()) as typeof churn;
  expect(keyOf(turned)).toBe(keyOf(churn));
  expect(keyOf({ ...churn, pipeline: 'other' })).not.toBe(keyOf(churn));
});
