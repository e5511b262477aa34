import { computeKinds } from '../compute/compute.ts';
import { instancesIn } from './billed.ts';
import { secondUsd } from './compute.ts';
import type { CostEnvironment } from './cost-sizes.ts';
import type { Spend } from './items.ts';
import type { Prices } from './prices.ts';

/** Instance hours of a forecast: the cost of its stages on clusters divided by the hourly price of the cluster. 0 without such stages. */
export function forecastInstanceHours({ items }: Spend, environment: CostEnvironment, prices: Prices): number {
  const hours = Object.entries(computeKinds).map(([compute, kind]) => {
    const billing = kind.billing(environment);
    const instances = instancesIn(billing.billed);
    if (instances === 0) return 0;
    const usd = items
      .filter(({ id }) => id.startsWith(`${compute}.`))
      .reduce((sum, item) => sum + item.usd.expected, 0);
    return (usd / (secondUsd(billing, environment, prices).expected * 3600)) * instances;
  });
  return hours.reduce((sum, each) => sum + each, 0);
}
