import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WorkerType } from '../../lib/compute/billing.ts';
import { type Forecast, forecast } from '../../lib/cost/forecast.ts';
import type { Item, Spend } from '../../lib/cost/items.ts';
import { levels } from '../../lib/cost/range.ts';
import { measuredThroughput } from '../../lib/cost/throughput.ts';
import { MillraceError } from '../../lib/errors.ts';
import { sized } from './environments.ts';
import { anyQuestion, anyRows, churn, partitionedBy, question, ranOn } from './questions.ts';

const spends = (answer: Forecast): Spend[] => [answer.run, answer.incremental, answer.month];

/** Sums of many floats differ in the last digits. */
const dust = (amount: number) => 1e-9 * (1 + Math.abs(amount));
const glue = (items: readonly Item[]) => items.filter((item) => item.id.startsWith('glue.'));
const expectedOf = (items: readonly Item[]) => items.reduce((sum, item) => sum + item.usd.expected, 0);

describe('any forecast', () => {
  test('low ≤ expected ≤ high in every item and total, and every figure is a number and not negative', () => {
    fc.assert(
      fc.property(anyQuestion, (asked) => {
        for (const total of spends(forecast(asked))) {
          for (const { low, expected, high } of [total, ...total.items.map((item) => item.usd)]) {
            expect(Number.isFinite(high)).toBe(true);
            expect(low).toBeGreaterThanOrEqual(0);
            expect(low).toBeLessThanOrEqual(expected + dust(expected));
            expect(expected).toBeLessThanOrEqual(high + dust(high));
          }
        }
      }),
    );
  });

  test('the items add up to the total', () => {
    fc.assert(
      fc.property(anyQuestion, (asked) => {
        for (const total of spends(forecast(asked))) {
          for (const level of levels) {
            const sum = total.items.reduce((before, item) => before + item.usd[level], 0);
            expect(Math.abs(sum - total[level])).toBeLessThanOrEqual(dust(total[level]));
          }
          expect(new Set(total.items.map((item) => item.id)).size).toBe(total.items.length);
        }
      }),
    );
  });

  test('more rows never cost less', () => {
    fc.assert(
      fc.property(anyQuestion, anyRows, (asked, more) => {
        if (!('rows' in asked.size)) throw new Error('a size in rows');
        const less = spends(forecast(asked));
        const greater = spends(forecast({ ...asked, size: { rows: asked.size.rows + more } }));
        for (const [i, total] of less.entries()) {
          for (const level of levels) {
            expect(greater[i]![level]).toBeGreaterThanOrEqual(total[level] - dust(total[level]));
          }
        }
      }),
    );
  });

  test('a saving refers to items of the month and never exceeds them', () => {
    let seen = 0;
    fc.assert(
      fc.property(anyQuestion, (asked) => {
        const { month, savings } = forecast(asked);
        for (const saving of savings) {
          seen++;
          const on = month.items.filter((item) => saving.on.includes(item.id));
          expect(on.length).toBe(saving.on.length);
          expect(saving.usd).toBeGreaterThan(0);
          expect(saving.usd).toBeLessThanOrEqual(expectedOf(on) + dust(month.expected));
        }
      }),
    );
    expect(seen).toBeGreaterThan(50);
  });

  test('the same question gives the same answer', () => {
    fc.assert(
      fc.property(anyQuestion, (asked) => {
        expect(forecast(structuredClone({ ...asked }))).toEqual(forecast(asked));
      }),
      { numRuns: 20 },
    );
  });
});

describe('churn in prod', () => {
  // Frankfurt, 5 DPU at $0.44: build is 45 s of start and 10 tasks of 6 s, predict 45 s and one of 6 s, billed as a minute.
  test('without rows costs its starts, by the second with a minimum of one minute', () => {
    const { run } = forecast(question({ size: { rows: 0 } }));
    expect(expectedOf(glue(run.items))).toBeCloseTo(((105 + 60) * 5 * 0.44) / 3600, 10);
    const flex = forecast(question({ size: { rows: 0 }, environment: { ...sized.prod, flex: true } }));
    expect(expectedOf(glue(flex.run.items))).toBeCloseTo(((105 + 60) * 5 * 0.29) / 3600, 10);
  });

  test('counts a row at each read: training is 7 fits of the features on the driver only', () => {
    const { run } = forecast(question({ size: { rows: 4_000_000 } }));
    const training = run.items.find((item) => item.id === 'glue.build.train_churn')!;
    // Four sources of a million rows; the features have those of customers and new_customers, 2 million.
    const seconds = 6 + (2_000_000 * 7 * 1.1) / (90_000 * 4);
    expect(training.usd.expected).toBeCloseTo((seconds * 5 * 0.44) / 3600, 10);
  });

  test('a size in bytes and the same size in rows cost the same', () => {
    const rows = forecast(question({ size: { rows: 5_000_000 } }));
    const bytes = forecast(question({ size: { bytes: rows.bytes } }));
    expect(bytes.rows).toBeCloseTo(5_000_000);
    expect(bytes.month.expected).toBeCloseTo(rows.month.expected, 8);
  });

  test('a month is one full run, later runs, and standing costs', () => {
    const { run, incremental, month } = forecast(question());
    const ids = new Set(run.items.map((item) => item.id));
    const ran = month.items.filter((item) => ids.has(item.id));
    expect(expectedOf(ran)).toBeCloseTo(run.expected + 29 * incremental.expected, 8);
    const stands = Object.fromEntries(month.items.map((item) => [item.id, item.usd.expected]));
    expect(stands['cloudwatch.dashboards']).toBe(3);
    expect(stands['cloudwatch.alarms']).toBeCloseTo(1.2);
    expect(stands['vpc.nat']).toBeUndefined();
    // 140 MB and 29 times 2% of it, at $0.0245 a GB.
    expect(stands['s3.raw']).toBeCloseTo(0.14 * 1.58 * 0.0245, 8);
  });

  test('a later run saves what it need not read again; training reads everything each time', () => {
    const { run, incremental } = forecast(question({ size: { rows: 500_000_000 } }));
    const of = (items: readonly Item[], task: string) =>
      items.find((item) => item.id === `glue.build.${task}`)!.usd.expected;
    expect(of(incremental.items, 'interactions')).toBeLessThan(of(run.items, 'interactions') / 10);
    expect(of(incremental.items, 'train_churn')).toBeCloseTo(of(run.items, 'train_churn'), 10);
  });

  test('an environment without runs pays only for standing costs', () => {
    const { month } = forecast(question({ environment: { ...sized.prod, runsPerMonth: 0 } }));
    expect(expectedOf(glue(month.items))).toBe(0);
    expect(month.expected).toBeGreaterThan(10);
  });

  test('the most expensive three are the greatest of the month, the greatest first', () => {
    const { dearest, month } = forecast(question({ size: { rows: 500_000_000 } }));
    const amounts = month.items.map((item) => item.usd.expected).sort((a, b) => b - a);
    expect(dearest.map((item) => item.usd.expected)).toEqual(amounts.slice(0, 3));
    expect(dearest.map((item) => item.id)).toContain('glue.build.train_churn');
  });

  test('Flex saves the difference of the two prices, and nothing if it is in use or lacks the worker type', () => {
    const { month, savings } = forecast(question());
    const flex = savings.find((saving) => saving.id === 'flex')!;
    expect(flex.usd).toBeCloseTo(expectedOf(glue(month.items)) * (1 - 0.29 / 0.44), 8);
    const dev = forecast(question({ environment: sized.dev }));
    expect(dev.savings.map((saving) => saving.id)).not.toContain('flex');
    const large = forecast(question({ environment: { ...sized.prod, workerType: 'G.8X' } }));
    expect(large.savings.map((saving) => saving.id)).not.toContain('flex');
  });

  test('the saving of fewer workers equals the forecast with them', () => {
    const prod = sized.prod;
    const { month, savings } = forecast(question());
    const saving = savings.find((entry) => entry.id === 'workers')!;
    expect(saving.what).toBe('2 workers instead of 5');
    const two = forecast(question({ environment: { ...prod, workers: 2 } }));
    expect(saving.usd).toBeCloseTo(month.expected - two.month.expected, 8);
  });

  test('warns of a stage that exceeds its timeout, and of a training that does not fit into memory', () => {
    expect(forecast(question()).warnings).toEqual([]);
    const large = { rows: 2_000_000_000 };
    const { warnings } = forecast(question({ size: large }));
    expect(warnings.map((issue) => [issue.code, issue.path])).toEqual([
      ['MR633', 'environment prod  stage build'],
      ['MR637', 'environment prod  train_churn'],
    ]);
    expect(warnings[0]!.message).toMatch(
      /^a full run of stage "build" takes \d+(\.\d)? h, more than its timeout of 60 min$/,
    );
    expect(warnings[0]!.hint).toContain('most of it is train_churn, which runs on the driver alone');
    // A billion rows of 1,244 bytes.
    expect(warnings[1]!.message).toBe('train_churn needs about 1244 GB of memory; a G.1X driver has 16 GB');
    expect(warnings[1]!.hint).toBe('use fewer features or fewer rows');
  });

  test('warns of memory from the first row that does not fit, and names the smallest worker type that does', () => {
    // A G.1X driver has 9.6 GB for data, at 1,244 bytes a row. Half of the rows are customers.
    const fits = Math.floor(9.6e9 / 1244);
    const memory = (rows: number, workerType: WorkerType = 'G.1X') =>
      forecast(question({ size: { rows }, environment: { ...sized.prod, workerType } })).warnings.filter(
        ({ code }) => code === 'MR637',
      );
    expect(memory(2 * fits)).toEqual([]);
    expect(memory(2 * fits + 4).map(({ hint }) => hint)).toEqual([
      'use workers of type R.1X (32 GB), fewer features or fewer rows',
    ]);
    expect(memory(2 * fits + 4, 'R.1X')).toEqual([]);
    expect(memory(2 * 50_000_000)[0]!.hint).toContain('R.4X (128 GB)');
  });
});

describe('partition pruning', () => {
  const throughput = measuredThroughput(churn, [ranOn(10_000_000)], 2);
  const rare = { ...sized.prod, newShare: 1e-8, runsPerMonth: 700 };
  const size = { rows: 500_000_000 };
  const partitioned = partitionedBy('customers_clean', 'region_id');
  const regionChurn = (answer: Forecast) =>
    answer.month.items.find((item) => item.id === 'glue.build.region_churn')!.usd.expected;

  test('is suggested if runs touch few partitions, and saves what the partitioned plan saves', () => {
    const before = forecast(question({ throughput, size, environment: rare }));
    const saving = before.savings.find((entry) => entry.id === 'pruning.region_churn.customers_clean')!;
    expect(saving).toMatchObject({ what: 'partition customers_clean by region_id', on: ['glue.build.region_churn'] });
    const after = forecast(question({ plan: partitioned, throughput, size, environment: rare }));
    expect(regionChurn(before) - regionChurn(after)).toBeCloseTo(saving.usd, 6);
    expect(after.savings.map((entry) => entry.id)).not.toContain(saving.id);
    expect(after.assumptions.join('\n')).toContain('region_churn reads only the partitions that a run touches');
  });

  test('is not suggested if every run touches all partitions', () => {
    const { savings } = forecast(question({ throughput, size }));
    expect(savings.filter((entry) => entry.id.startsWith('pruning'))).toEqual([]);
  });
});

describe('a question that cannot be answered', () => {
  const codes = (change: Parameters<typeof question>[0]) => {
    try {
      forecast(question(change));
      return [];
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      return error.issues.map((issue) => [issue.code, issue.path]);
    }
  };

  test('names every invalid size', () => {
    const environment = { ...sized.prod, workers: 1, newShare: 1.5, runsPerMonth: Number.NaN };
    expect(codes({ environment, size: { rows: -1 } })).toEqual([
      ['MR631', 'environment prod  workers'],
      ['MR631', 'environment prod  newShare'],
      ['MR631', 'environment prod  runsPerMonth'],
      ['MR632', '--rows'],
    ]);
    expect(codes({ size: { bytes: Number.POSITIVE_INFINITY } })).toEqual([['MR632', '--bytes']]);
    expect(codes({})).toEqual([]);
  });
});

describe('stages on EMR', () => {
  const on = (compute: 'glue' | 'emr' | 'emr-serverless') =>
    question({ plan: { ...churn, stages: churn.stages.map((stage) => ({ ...stage, compute })) } });
  const computed = (compute: 'glue' | 'emr' | 'emr-serverless') =>
    forecast(on(compute)).run.items.filter((item) => item.id.startsWith(`${compute}.`));

  test('are priced by their compute, each task and the start of each stage', () => {
    for (const compute of ['emr', 'emr-serverless'] as const) {
      const names = (items: readonly Item[]) => items.map((item) => item.id.replace(/^[a-z-]+\./, ''));
      expect(names(computed(compute))).toEqual(names(computed('glue')));
      for (const item of computed(compute)) {
        expect(item.usd.low).toBeLessThanOrEqual(item.usd.expected);
        expect(item.usd.expected).toBeGreaterThan(0);
      }
    }
  });

  test('on a separate cluster are billed for its start, and moving them there saves nothing', () => {
    const started = computed('emr').find((item) => item.id === 'emr.build.start')!;
    expect(started.detail).toMatch(/^6 min/);
    expect(forecast(on('emr')).savings.map((saving) => saving.id)).not.toContain('spot');
  });
});
