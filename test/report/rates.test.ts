import { describe, expect, it } from 'vitest';
import { aucInterval, ratesOf } from '../../lib/learning/objectives/binary/rates.ts';
import { gapOf } from '../../lib/report/row-outcomes.ts';
import { sampleRun } from './sample.ts';

describe('rates', () => {
  it('follow from the confusion matrix', () => {
    const rates = ratesOf({ tp: 30, fp: 10, tn: 50, fn: 10 });
    expect(rates).toMatchObject({ recall: 0.75, precision: 0.75, base: 0.4, f1: 0.75 });
    expect(rates.specificity).toBeCloseTo(5 / 6);
  });

  it('are 0 if the divisor is 0', () => {
    expect(Object.values(ratesOf({ tp: 0, fp: 0, tn: 0, fn: 0 }))).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  // Hanley and McNeil 1982: an area of 0.893 with 51 abnormal and 58 normal cases has a standard error of about 0.032.
  it('give the confidence interval of the original paper', () => {
    const [low, high] = aucInterval(0.893, 51, 58)!;
    expect((high - low) / 2 / 1.96).toBeCloseTo(0.032, 2);
    expect(aucInterval(0.9, 1, 50)).toBeUndefined();
  });
});

describe('the gap of a task', () => {
  it('is 0 for every task of the sample, and counts lost rows', () => {
    expect(sampleRun.tasks.map(gapOf)).toEqual(sampleRun.tasks.map(() => 0));
    expect(gapOf({ ...sampleRun.tasks[0]!, read: sampleRun.tasks[0]!.read + 5 })).toBe(5);
  });
});
