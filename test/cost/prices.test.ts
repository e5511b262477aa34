import { describe, expect, test } from 'vitest';
import { type InstanceType, vcpusOfInstance } from '../../lib/compute/billing.ts';
import { prices } from '../../lib/cost/price-table.ts';
import { ageInDays, price, priceTable, regions } from '../../lib/cost/prices.ts';

describe('the price table', () => {
  test('has an age in whole days', () => {
    expect(ageInDays({ ...prices, asOf: '2026-01-01' }, '2026-01-01')).toBe(0);
    expect(ageInDays({ ...prices, asOf: '2026-01-01' }, '2027-02-06')).toBe(401);
    expect(ageInDays({ ...prices, asOf: '2024-02-28' }, '2024-03-01')).toBe(2);
  });

  test('refuses a price of zero, a missing region and a figure without its page', () => {
    const changed = (change: (item: Record<string, unknown>) => void) => {
      const copy = structuredClone(prices);
      change(copy.items.glueDpuHour);
      return priceTable.safeParse(copy).success;
    };
    expect(changed(() => {})).toBe(true);
    expect(changed((item) => Object.assign(item, { usd: { ...prices.items.glueDpuHour.usd, 'eu-west-1': 0 } }))).toBe(
      false,
    );
    expect(changed((item) => delete (item['usd'] as Record<string, number>)['us-west-2'])).toBe(false);
    expect(changed((item) => Object.assign(item, { source: 'I remember it' }))).toBe(false);
    expect(priceTable.safeParse({ ...prices, asOf: 'last year' }).success).toBe(false);
  });

  test('names an AWS page for every figure', () => {
    const items = [
      ...Object.values(prices.items),
      ...Object.values(prices.instances).flatMap((i) => [i.onDemand, i.emr]),
    ];
    expect(items.length).toBeGreaterThan(30);
    expect(items.filter((item) => !item.source.startsWith('https://aws.amazon.com/'))).toEqual([]);
  });

  test('is plausible: Flex below standard, spot below on demand, Europe not below the United States', () => {
    for (const region of regions) {
      expect(price(prices, 'glueFlexDpuHour', region)).toBeLessThan(price(prices, 'glueDpuHour', region));
      for (const name of Object.keys(vcpusOfInstance) as InstanceType[]) {
        const { onDemand, emr, spotShare } = prices.instances[name];
        expect(emr.usd[region]).toBeLessThan(onDemand.usd[region]);
        expect([0, spotShare.low, spotShare.expected, spotShare.high, 1]).toEqual(
          [0, spotShare.low, spotShare.expected, spotShare.high, 1].sort((a, b) => a - b),
        );
      }
    }
    for (const item of Object.values(prices.items)) {
      expect(item.usd['eu-central-1']).toBeGreaterThanOrEqual(item.usd['us-east-1']);
    }
  });

  test('says which prices are only scaled', () => {
    const scaled = Object.entries(prices.items).filter(([, item]) => item.basis === 'scaled');
    expect(scaled.map(([name]) => name)).toEqual([
      'kinesisStreamHour',
      'kinesisGbIn',
      'kinesisGbOut',
      'kinesisGbMonthKept',
      'kinesisMillionPutUnits',
      'kinesisShardHourKept',
      'firehosePartitionedGb',
      'firehoseThousandObjects',
    ]);
    expect(prices.items.kinesisStreamHour.usd['eu-central-1']).toBeCloseTo(0.048);
  });

  test('says in which lists the prices of compute were found again, and of which regions', () => {
    const regionsOf = (item: { confirmed?: { regions: string[] }[] | undefined }) =>
      (item.confirmed ?? []).flatMap((found) => found.regions);
    const { glueDpuHour, emrServerlessVcpuHour, emrServerlessGbHour } = prices.items;
    for (const item of [glueDpuHour, emrServerlessVcpuHour, emrServerlessGbHour]) {
      expect(regionsOf(item).sort()).toEqual([...regions].sort());
    }
    for (const { onDemand, emr } of Object.values(prices.instances)) {
      expect(regionsOf(onDemand)).toContain('us-east-1');
      expect(new Set(regionsOf(onDemand)).size).toBe(regionsOf(onDemand).length);
      expect(emr.confirmed).toBeUndefined();
    }
  });
});
