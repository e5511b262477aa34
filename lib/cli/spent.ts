import { availableParallelism } from 'node:os';
import { type Actual, compareActual } from '../cost/actual.ts';
import { forecastInstanceHours } from '../cost/cluster-hours.ts';
import { forecast } from '../cost/forecast.ts';
import { type Spend, spend } from '../cost/items.ts';
import { prices } from '../cost/price-table.ts';
import { regions } from '../cost/prices.ts';
import { usd } from '../cost/range.ts';
import { isFull, measuredThroughput } from '../cost/throughput.ts';
import { usageOf } from '../deployed/billed-usage.ts';
import type { InstanceHours } from '../deployed/cluster-hours.ts';
import type { Step } from '../deployed/ports.ts';
import type { RunDocument } from '../documents/run-document.ts';
import type { Environment } from '../environment/environment.ts';
import type { Plan } from '../plan/schema.ts';
import { fromSource } from '../plan/task-kinds.ts';
import { costEnvironmentOf } from './cost-environment.ts';

/**
 * The amount that Glue billed for a deployed run, and, for a full run, the forecast for the same number of rows. `here`: runs on this
 * machine, which supply the throughput for the forecast. Undefined if the usage is unknown or the region has no price.
 */
export function spentOn(
  document: RunDocument,
  plan: Plan,
  steps: readonly Step[],
  environment: Environment,
  here: readonly RunDocument[],
): Actual | undefined {
  const usage = usageOf(plan, document.run, steps);
  if (usage === undefined || !hasPrices(environment)) return undefined;
  const expected = forecastOf(document, plan, environment, here);
  return compareActual(expected ?? spend([]), usage, costEnvironmentOf(environment, plan), prices);
}

/** Instance hours of the clusters that a run started, and, for a full run, the forecast. */
export interface ClusterHours {
  hours: number;
  byType: InstanceHours;
  forecast?: number;
  /** Actual divided by forecast. */
  ratio?: number;
}

/** Like `spentOn`, for EMR clusters. */
export function clusterHoursOn(
  document: RunDocument,
  plan: Plan,
  byType: InstanceHours,
  environment: Environment,
  here: readonly RunDocument[],
): ClusterHours {
  const hours = Object.values(byType).reduce((sum, each) => sum + each, 0);
  // A run that started clusters did not find a persistent one.
  const started: Environment = { ...environment, emr: { ...environment.emr, cluster: 'transient' } };
  const run = hasPrices(environment) ? forecastOf(document, plan, started, here) : undefined;
  const expected = run && forecastInstanceHours(run, costEnvironmentOf(started, plan), prices);
  return { hours, byType, ...(expected && { forecast: expected, ratio: hours / expected }) };
}

const hasPrices = ({ region }: Environment) => regions.some((each) => each === region);

/** The forecast for a run with the same number of rows; undefined unless the run was a full run. */
function forecastOf(
  document: RunDocument,
  plan: Plan,
  environment: Environment,
  here: readonly RunDocument[],
): Spend | undefined {
  if (!isFull(plan, document)) return undefined;
  const rows = document.tasks.filter(fromSource).reduce((sum, { read }) => sum + read, 0);
  const throughput = measuredThroughput(plan, here, availableParallelism());
  return forecast({ plan, prices, throughput, environment: costEnvironmentOf(environment, plan), size: { rows } }).run;
}

/** `used  0.42 DPU hours of Glue, $0.185; forecast for as many rows $0.233: ratio 0.79` */
export function spentLine({ dpuSeconds, actual, forecast: expected, ratio }: Actual): string {
  const used = `used  ${(dpuSeconds / 3600).toFixed(3)} DPU hours of Glue, ${usd(actual)}`;
  return ratio === undefined
    ? `${used}\n`
    : `${used}; forecast for as many rows ${usd(expected)}: ratio ${ratio.toFixed(2)}\n`;
}

/** `used  1.250 instance hours of EMR (m5.xlarge 1.250); forecast for as many rows 1.100: ratio 1.14` */
export function clusterLine({ hours, byType, forecast: expected, ratio }: ClusterHours): string {
  const types = Object.entries(byType).map(([type, each]) => `${type} ${each.toFixed(3)}`);
  const byTypes = types.length === 0 ? '' : ` (${types.sort().join(', ')})`;
  const used = `used  ${hours.toFixed(3)} instance hours of EMR${byTypes}`;
  if (expected === undefined || ratio === undefined) return `${used}\n`;
  return `${used}; forecast for as many rows ${expected.toFixed(3)}: ratio ${ratio.toFixed(2)}\n`;
}
