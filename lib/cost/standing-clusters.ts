import { computeKinds, kindsOf } from '../compute/compute.ts';
import type { Plan, Stage } from '../plan/schema.ts';
import { duration, type StageTime, secondUsd } from './compute.ts';
import type { CostEnvironment } from './cost-sizes.ts';
import { hoursPerMonth } from './fixed-costs.ts';
import type { Item } from './items.ts';
import type { Prices } from './prices.ts';
import { times } from './range.ts';

/** Clusters that outlive runs. They are billed while they are up, not by run, and end after they have been idle for some time. */

const monthSeconds = hoursPerMonth * 3600;

/** The compute kinds of a plan whose machines outlive runs. */
export const outliving = (plan: Plan, environment: CostEnvironment): Stage['compute'][] =>
  kindsOf(plan).filter((compute) => computeKinds[compute].billing(environment).idleEndSeconds !== undefined);

/**
 * Of these, those that stay up all month: between two runs, distributed evenly, they are never idle long enough to end. `later`: the stages of a run
 * that finds them up.
 */
export function stayingUp(
  plan: Plan,
  later: readonly StageTime[],
  environment: CostEnvironment,
): Set<Stage['compute']> {
  const up = outliving(plan, environment).filter((compute) => {
    const busy = later
      .filter(({ stage }) => stage.compute === compute)
      .reduce((sum, { total }) => sum + total.expected, 0);
    const idle = monthSeconds / environment.runsPerMonth - busy;
    return idle <= computeKinds[compute].billing(environment).idleEndSeconds!;
  });
  return new Set(up);
}

/** A month of these clusters. One that does not stay up ends once, and each later run starts its own. */
export function standingItems(
  plan: Plan,
  up: ReadonlySet<Stage['compute']>,
  environment: CostEnvironment,
  prices: Prices,
): Item[] {
  return outliving(plan, environment).map((compute) => {
    const billing = computeKinds[compute].billing(environment);
    const stays = up.has(compute);
    const seconds = stays ? monthSeconds : billing.idleEndSeconds!;
    return {
      id: `${compute}.standing`,
      kind: 'fixed',
      what: stays ? `${billing.name}: persistent, all month` : `${billing.name}: persistent, idle until it ends`,
      detail: `${duration(seconds)} x ${billing.size}`,
      usd: times(secondUsd(billing, environment, prices), seconds),
    };
  });
}
