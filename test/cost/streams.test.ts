import { describe, expect, test } from 'vitest';
import { forecast } from '../../lib/cost/forecast.ts';
import type { Item } from '../../lib/cost/items.ts';
import { measuredThroughput } from '../../lib/cost/throughput.ts';
import { sized } from './environments.ts';
import { bytesOfRow, question, ranOn, streamed, unstreamed } from './questions.ts';

const throughput = measuredThroughput(streamed, [ranOn(10_000_000)], 2);
const rows = 500_000_000;
/** 29 later runs in a month, each with 2% of the input, which arrives by streams. */
const arrived = rows * bytesOfRow * 0.02 * 29;

const monthly = (change: Partial<typeof sized.prod> = {}, plan = streamed) =>
  forecast(
    question({ plan, throughput, size: { rows }, environment: { ...sized.prod, region: 'us-east-1', ...change } }),
  ).month.items;
const item = (items: readonly Item[], id: string): Item => {
  const found = items.filter((entry) => entry.id === id);
  expect(found).toHaveLength(1);
  return found[0]!;
};
const streamIds = (items: readonly Item[]) => items.filter(({ kind }) => kind === 'stream').map(({ id }) => id);

describe('streams', () => {
  test('are paid only if a source arrives by one', () => {
    expect(streamIds(monthly())).toEqual([
      'kinesis.customers',
      'firehose.customers',
      'kinesis.interactions',
      'firehose.interactions',
    ]);
    expect(streamIds(monthly({}, unstreamed))).toEqual([]);
  });

  test('on demand cost their hours and their traffic, at least a kilobyte per record', () => {
    const records = (0.16 * arrived) / bytesOfRow;
    const { low, expected } = item(monthly(), 'kinesis.customers').usd;
    expect(expected).toBeCloseTo(730 * 0.04 + ((records * 1000) / 1e9) * (0.08 + 0.04), 3);
    expect(low).toBeCloseTo(730 * 0.04 + ((0.16 * arrived) / 1e9) * (0.08 + 0.04), 3);
    const quiet = monthly({ newShare: 0 });
    expect(item(quiet, 'kinesis.customers').usd.expected).toBeCloseTo(730 * 0.04, 10);
  });

  test('with shards cost the shards, whatever the traffic, and PUT units', () => {
    const records = (0.16 * arrived) / bytesOfRow;
    const of = item(monthly({ shards: 3 }), 'kinesis.customers');
    expect(of.what).toBe('Kinesis: customers, 3 shards');
    expect(of.usd.expected).toBeCloseTo(3 * 730 * 0.015 + (records / 1e6) * 0.014, 3);
    const quiet = monthly({ shards: 3, newShare: 0 });
    expect(item(quiet, 'kinesis.customers').usd.high).toBeCloseTo(3 * 730 * 0.015, 10);
  });

  test('that keep records longer than a day cost more', () => {
    for (const shards of [0, 2]) {
      const [day, week] = [24, 168].map(
        (streamRetentionHours) => item(monthly({ shards, streamRetentionHours }), 'kinesis.customers').usd.expected,
      ) as [number, number];
      expect(week).toBeGreaterThan(day);
    }
  });
});

describe('landing', () => {
  test('costs at least 5 KB per record, and one PUT per file', () => {
    const records = (0.16 * arrived) / bytesOfRow;
    const files = (730 * 3600) / 300;
    const { low, expected } = item(monthly(), 'firehose.customers').usd;
    expect(expected).toBeCloseTo(((records * 5000) / 1e9) * 0.029 + (files / 1000) * 0.005, 3);
    // Full records, and full files of 64 MiB.
    const full = 0.16 * arrived;
    expect(low).toBeCloseTo((full / 1e9) * 0.029 + (full / (64 * 2 ** 20) / 1000) * 0.005, 3);
  });

  test('by the day of a column costs its bytes again, and its files', () => {
    const bytes = 0.83 * arrived;
    const files = 2 * ((730 * 3600) / 300);
    const billed = ((bytes / bytesOfRow) * 5000) / 1e9;
    expect(item(monthly(), 'firehose.interactions').usd.expected).toBeCloseTo(
      billed * 0.029 + (bytes / 1e9) * 0.02 + (files / 1000) * (0.005 + 0.005),
      3,
    );
  });

  test('writes no file if nothing arrived', () => {
    expect(streamIds(monthly({ newShare: 0 }))).toEqual(['kinesis.customers', 'kinesis.interactions']);
  });
});

describe('shards instead of on demand', () => {
  const answer = (change: Partial<typeof sized.prod> = {}, size = rows) =>
    forecast(question({ plan: streamed, throughput, size: { rows: size }, environment: { ...sized.prod, ...change } }));
  const offered = (asked: ReturnType<typeof answer>) => asked.savings.find(({ id }) => id === 'shards');

  test('are suggested for ten times the average, and save what the forecast with them says', () => {
    // 83% of 290 million rows in a month are 92 a second: one shard takes 1,000.
    const saving = offered(answer())!;
    expect(saving.what).toBe('1 shard per stream instead of on demand');
    expect(saving.on).toEqual(['kinesis.customers', 'kinesis.interactions']);
    expect(saving.usd).toBeCloseTo(answer().month.expected - answer({ shards: 1 }).month.expected, 8);
    expect(offered(answer({}, 4 * rows))!.what).toBe('4 shards per stream instead of on demand');
  });

  test('are not suggested if there are shards, or no stream', () => {
    expect(offered(answer({ shards: 2 }))).toBeUndefined();
    expect(forecast(question({ plan: unstreamed })).savings.map(({ id }) => id)).not.toContain('shards');
  });

  test('state the assumptions about records', () => {
    expect(answer().assumptions.join('\n')).toContain(
      'new rows of customers, interactions arrive through a stream, one row per record',
    );
  });
});
