import { describe, expect, test } from 'vitest';
import { compareActual, usageOfRun } from '../../lib/cost/actual.ts';
import { budgetIssue } from '../../lib/cost/budget.ts';
import { forecast } from '../../lib/cost/forecast.ts';
import { prices } from '../../lib/cost/price-table.ts';
import { exactly } from '../../lib/cost/range.ts';
import { touchedShare } from '../../lib/cost/row-flow.ts';
import { assumedThroughput, fitsOf, isFull, measuredThroughput } from '../../lib/cost/throughput.ts';
import type { RunDocument } from '../../lib/documents/run-document.ts';
import { sized } from './environments.ts';
import { bytesOfRow, churn, question, ranOn } from './questions.ts';

describe('throughput', () => {
  test('is rows per second and core of the run that read most; a training counts its fits', () => {
    const runs = [ranOn(100_000, 8, 'r-a'), ranOn(1_000_000, 4, 'r-b'), ranOn(10_000, 1, 'r-c')];
    const { tasks, source } = measuredThroughput(churn, runs, 2);
    expect(source).toBe('measured');
    expect(tasks['interactions']).toMatchObject({ rows: 830_000, run: 'r-b', engine: 'sail' });
    expect(tasks['interactions']!.perCore).toBeCloseTo(1e6 / 4 / 2);
    // A grid of 2 by 2 on 3 folds, and one refit.
    expect(fitsOf(churn.tasks.find((task) => task.name === 'train_churn')!)).toBe(7);
    expect(tasks['train_churn']!.perCore).toBeCloseTo((7 * 1e6) / 4 / 2);
  });

  test('stays assumed if a task read too few rows, or if nothing ran', () => {
    const { tasks } = measuredThroughput(churn, [ranOn(1_000_000)], 2);
    expect(tasks['regions']).toEqual(assumedThroughput(churn).tasks['regions']);
    expect(measuredThroughput(churn, [], 2)).toEqual(assumedThroughput(churn));
  });

  test('takes the distribution over the tables from the last full run', () => {
    const later: RunDocument = { ...ranOn(500, 4, 'r-z'), tasks: [] };
    const { shares, bytesPerRow, input, distinct } = measuredThroughput(churn, [ranOn(1_000_000), later], 2);
    expect([shares['interactions'], shares['customers']]).toEqual([expect.closeTo(0.83, 3), expect.closeTo(0.16, 3)]);
    expect(bytesPerRow).toBeCloseTo(bytesOfRow, 1);
    expect(input).toMatchObject({ rows: 1_000_050, bytes: 1_000_000 * bytesOfRow });
    expect(distinct).toMatchObject({ region_id: 50, customer_id: 170_000 });
  });

  test('of an incremental run shows the speed of rows, not their distribution', () => {
    const run = ranOn(1_000_000);
    const incremental = { ...run, tasks: run.tasks.map((task) => ({ ...task, mode: 'incremental' as const })) };
    expect([isFull(churn, run), isFull(churn, incremental)]).toEqual([true, false]);
    const { shares, tasks } = measuredThroughput(churn, [incremental], 2);
    expect(shares).toEqual({});
    expect(tasks['interactions']!.run).toBe(run.run);
  });

  test('half the speed makes the forecast more expensive', () => {
    const at = (secondsPerMillion: number) => {
      const throughput = measuredThroughput(churn, [ranOn(1_000_000, secondsPerMillion)], 2);
      return forecast(question({ throughput, size: { rows: 100_000_000 } }));
    };
    const [fast, slow] = [at(4), at(8)];
    const training = (answer: typeof fast) =>
      answer.run.items.find((item) => item.id === 'glue.build.train_churn')!.usd.expected;
    const perTask = (6 * 5 * 0.44) / 3600;
    expect((training(slow) - perTask) / (training(fast) - perTask)).toBeCloseTo(2, 8);
    expect(fast.assumptions.join('\n')).toContain(
      'throughput is measured for 9 of 11 tasks, in r-20260102t030405-0001',
    );
    expect(forecast(question()).assumptions.join('\n')).toContain('throughput is assumed');
  });
});

describe('actual', () => {
  const prod = sized.prod;
  const run = forecast(question()).run;

  test('of a local run is the seconds of its stages times the DPUs, at the price of a DPU-hour', () => {
    const usage = usageOfRun(ranOn(1_000_000), prod);
    expect(usage.stages).toEqual([
      { stage: 'build', dpuSeconds: 12 * 5 },
      { stage: 'predict', dpuSeconds: 4 * 5 },
    ]);
    const actual = compareActual(run, usage, prod, prices);
    expect(actual.actual).toBeCloseTo((80 * 0.44) / 3600, 10);
    expect(actual.ratio).toBeCloseTo(actual.actual / actual.forecast, 10);
  });

  test('on Glue uses its own DPU-seconds: a run that used what was forecast has ratio 1', () => {
    const ofStage = (stage: string) =>
      run.items.filter((item) => item.id.startsWith(`glue.${stage}.`)).reduce((sum, i) => sum + i.usd.expected, 0);
    const stages = ['build', 'predict'].map((stage) => ({ stage, dpuSeconds: (ofStage(stage) / 0.44) * 3600 }));
    const actual = compareActual(run, { run: 'jr_1', from: 'glue', stages }, prod, prices);
    expect(actual.ratio).toBeCloseTo(1, 10);
    const dearer = stages.map((entry) => ({ ...entry, dpuSeconds: entry.dpuSeconds * 3 }));
    expect(compareActual(run, { run: 'jr_2', from: 'glue', stages: dearer }, prod, prices).ratio).toBeCloseTo(3, 10);
  });

  test('has no ratio if the stage is not in the forecast', () => {
    const usage = { run: 'jr_3', from: 'glue' as const, stages: [{ stage: 'elsewhere', dpuSeconds: 60 }] };
    expect(compareActual(run, usage, prod, prices)).toMatchObject({ forecast: 0, ratio: undefined });
  });
});

describe('a budget', () => {
  const answer = forecast(question({ size: { rows: 500_000_000 } }));

  test('that is kept gives no issue; one that is exceeded names the most expensive item and a saving', () => {
    expect(budgetIssue(answer, answer.month.expected)).toBeUndefined();
    const issue = budgetIssue(answer, answer.month.expected - 0.01)!;
    expect(issue).toMatchObject({ code: 'MR634', path: 'environment prod  glue.build.train_churn' });
    expect(issue.message).toMatch(
      /^a month of churn is expected to cost \$[\d.]+, above .*the most expensive item is Glue build: train_churn at \$/,
    );
    expect(issue.hint).toMatch(/saves about \$[\d.]+ per month$/);
  });

  test('gives other advice if there is no saving on the most expensive item', () => {
    const environment = { ...sized.dev, metrics: 1000 };
    const issue = budgetIssue(forecast(question({ environment })), 1)!;
    expect(issue).toMatchObject({
      path: 'environment dev  cloudwatch.metrics',
      hint: 'remove what this environment does not need',
    });
  });
});

describe('the number of partitions that rows fall into', () => {
  test('is the expected number for random rows', () => {
    expect(touchedShare(50, exactly(20)).expected).toBeCloseTo(0.332, 3);
    expect(touchedShare(50, exactly(1000)).expected).toBeCloseTo(1, 6);
    expect(touchedShare(50, { low: 0, expected: 1, high: 2 })).toEqual({
      low: 0,
      expected: expect.closeTo(0.02, 10),
      high: expect.closeTo(0.0396, 10),
    });
    expect(touchedShare(1, exactly(3)).expected).toBe(1);
  });
});
