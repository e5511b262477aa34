import type { Billed, InstanceType } from '../compute/billing.ts';
import type { BilledUnit } from '../compute/compute.ts';
import { type Prices, price, type Region } from './prices.ts';
import { exactly, type Range } from './range.ts';

/**
 * USD an hour of what is billed. Instances on demand are of the type that is cheapest a unit, as the fleets ask for, at the upper end of the
 * dearest; spot goes where capacity is, so the mean of all types is expected.
 */
export function hourUsd(billed: Billed, region: Region, prices: Prices): Range {
  if ('unit' in billed) return exactly(billed.count * price(prices, billed.unit as BilledUnit, region));
  const { market, weights, capacity } = billed;
  const of = (level: keyof Range) =>
    Object.entries(weights).map(([type, weight]) => {
      const { onDemand, emr, spotShare } = prices.instances[type as InstanceType];
      const share = market === 'spot' ? spotShare[level] : 1;
      return (onDemand.usd[region] * share + emr.usd[region]) / weight;
    });
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const expected = market === 'spot' ? mean(of('expected')) : Math.min(...of('expected'));
  const range = { low: Math.min(...of('low')), expected, high: Math.max(...of('high')) };
  return { low: range.low * capacity, expected: range.expected * capacity, high: range.high * capacity };
}

/** Instances that are billed, each of the smallest type; 0 where none is. */
export const instancesIn = (billed: readonly Billed[], market?: 'spot'): number =>
  billed.reduce((sum, each) => {
    if ('unit' in each || (market !== undefined && each.market !== market)) return sum;
    return sum + Math.ceil(each.capacity / Math.min(...Object.values(each.weights)));
  }, 0);
