import type { Billed, InstanceType } from '../compute/billing.ts';
import type { BilledUnit } from '../compute/compute.ts';
import { type Prices, price, type Region } from './prices.ts';
import { exactly, type Range } from './range.ts';

/**
 * USD per hour of a billed resource. On-demand instances are of the cheapest type per unit, as the fleets request (for the high figure, the most
 * expensive); spot instances depend on capacity, so the expected figure is the mean of all types.
 */
export function hourUsd(billed: Billed, region: Region, prices: Prices): Range {
  if ('unit' in billed) return exactly(billed.count * price(prices, billed.unit as BilledUnit, region));
  const { market, weights, capacity } = billed;
  const perUnit = (level: keyof Range) =>
    Object.entries(weights).map(([type, weight]) => {
      const { onDemand, emr, spotShare } = prices.instances[type as InstanceType];
      const share = market === 'spot' ? spotShare[level] : 1;
      return (onDemand.usd[region] * share + emr.usd[region]) / weight;
    });
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const expected = market === 'spot' ? mean(perUnit('expected')) : Math.min(...perUnit('expected'));
  const range = { low: Math.min(...perUnit('low')), expected, high: Math.max(...perUnit('high')) };
  return { low: range.low * capacity, expected: range.expected * capacity, high: range.high * capacity };
}

/** Number of billed instances, if each is of the smallest type. */
export const instancesIn = (billed: readonly Billed[], market?: 'spot'): number =>
  billed.reduce((sum, each) => {
    if ('unit' in each || (market !== undefined && each.market !== market)) return sum;
    return sum + Math.ceil(each.capacity / Math.min(...Object.values(each.weights)));
  }, 0);
