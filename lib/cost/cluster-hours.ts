import { clusterOf } from './compute.ts';
import type { CostEnvironment } from './environment.ts';
import type { Spend } from './items.ts';
import type { Prices } from './prices.ts';

/** Instance hours of EMR in a forecast: what its stages cost on EMR, by what an hour of the cluster costs. 0 where no stage is on EMR. */
export function forecastInstanceHours({ items }: Spend, environment: CostEnvironment, prices: Prices): number {
  const { nodes, hourUsd } = clusterOf(environment, prices);
  const usd = items.filter(({ id }) => id.startsWith('emr.')).reduce((sum, item) => sum + item.usd.expected, 0);
  return (usd / hourUsd) * nodes;
}
