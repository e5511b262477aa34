import { availableParallelism } from 'node:os';
import { type Actual, compareActual } from '../cost/actual.ts';
import { forecast } from '../cost/forecast.ts';
import { spend } from '../cost/items.ts';
import { usd } from '../cost/money.ts';
import { prices } from '../cost/price-table.ts';
import { regions } from '../cost/prices.ts';
import { isFull, measuredThroughput } from '../cost/throughput.ts';
import { usageOf } from '../deployed/billed-usage.ts';
import type { Step } from '../deployed/ports.ts';
import type { RunDocument } from '../documents/run-document.ts';
import type { Environment } from '../environment/environment.ts';
import type { Plan } from '../plan/schema.ts';
import { costEnvironmentOf } from './cost-environment.ts';

/**
 * What Glue billed for a deployed run, beside the forecast of as many rows where the run computed everything. `here`: runs on this
 * machine, by which the forecast knows its throughput. Undefined where nothing is known, or the region has no price.
 */
export function spentOn(
  document: RunDocument,
  plan: Plan,
  steps: readonly Step[],
  environment: Environment,
  here: readonly RunDocument[],
): Actual | undefined {
  const usage = usageOf(plan, document.run, steps);
  if (usage === undefined || !regions.some((region) => region === environment.region)) return undefined;
  const sizes = costEnvironmentOf(environment, plan);
  if (!isFull(plan, document)) return compareActual(spend([]), usage, sizes, prices);
  const rows = document.tasks.filter(({ kind }) => kind === 'ingest').reduce((sum, { read }) => sum + read, 0);
  const throughput = measuredThroughput(plan, here, availableParallelism());
  const { run } = forecast({ plan, prices, throughput, environment: sizes, size: { rows } });
  return compareActual(run, usage, sizes, prices);
}

/** `used  0.42 DPU hours of Glue, $0.185; forecast for as many rows $0.233: ratio 0.79` */
export function spentLine({ dpuSeconds, actual, forecast: expected, ratio }: Actual): string {
  const used = `used  ${(dpuSeconds / 3600).toFixed(3)} DPU hours of Glue, ${usd(actual)}`;
  return ratio === undefined
    ? `${used}\n`
    : `${used}; forecast for as many rows ${usd(expected)}: ratio ${ratio.toFixed(2)}\n`;
}
