import { flexWorkers } from '../compute/billing.ts';
import { computeKinds, kindOf } from '../compute/compute.ts';
import type { Plan } from '../plan/schema.ts';
import { runsSql } from '../plan/task-kinds.ts';
import { instancesIn } from './billed.ts';
import { duration, type StageTime, scanSeconds, secondUsd } from './compute.ts';
import type { CostEnvironment } from './cost-sizes.ts';
import type { Item } from './items.ts';
import { type Prices, price } from './prices.ts';
import { exactly } from './range.ts';
import type { TaskRows } from './row-flow.ts';
import { leastRowsPerPartition, touchedShare } from './row-flow.ts';
import { type Streamed, shardsFor } from './streams.ts';
import type { Throughput } from './throughput.ts';

/** A possible saving. Each is calculated separately; two on the same items do not add up. */
export interface Saving {
  id: string;
  what: string;
  /** The drawback, or how the saving is calculated. */
  how: string;
  /** Ids of the monthly items that it reduces. */
  on: string[];
  /** Expected USD per month; never more than those items. */
  usd: number;
}

/** The parts of a month that the savings need. */
export interface MonthParts {
  plan: Plan;
  environment: CostEnvironment;
  prices: Prices;
  throughput: Throughput;
  month: readonly Item[];
  /** Stage times, rows and number of the full and the incremental runs in the month. */
  full: { times: readonly StageTime[]; runs: number };
  incremental: { times: readonly StageTime[]; flow: ReadonlyMap<string, TaskRows>; runs: number };
  /** Stream input of the month. */
  streams: readonly Streamed[];
  /** The items of the month with other sizes or other compute. */
  with: (change: { environment?: CostEnvironment; plan?: Plan }) => { month: readonly Item[]; seconds: number };
}

/** Savings of at least a cent per month, largest first. */
export function savings(parts: MonthParts): Saving[] {
  const found = [flex(parts), fewerWorkers(parts), spot(parts), transient(parts), shards(parts), ...pruning(parts)];
  return found
    .filter((saving): saving is Saving => saving !== undefined && saving.usd >= 0.01)
    .sort((one, other) => other.usd - one.usd);
}

const glueItems = (month: readonly Item[]) => month.filter((item) => item.id.startsWith('glue.'));
const clusterItems = (month: readonly Item[]) => month.filter((item) => item.id.startsWith('emr.'));
const total = (items: readonly Item[]) => items.reduce((sum, item) => sum + item.usd.expected, 0);

function flex({ environment, prices, month }: MonthParts): Saving | undefined {
  if (environment.flex || !flexWorkers.includes(environment.workerType)) return undefined;
  const items = glueItems(month);
  const { region } = environment;
  const kept = price(prices, 'glueFlexDpuHour', region) / price(prices, 'glueDpuHour', region);
  return {
    id: 'flex',
    what: 'Glue Flex',
    how: 'runs on spare capacity: may start late and lose workers; not for a run with a deadline',
    on: items.map((item) => item.id),
    usd: total(items) * (1 - kept),
  };
}

function fewerWorkers({ environment, month, with: withSizes }: MonthParts): Saving | undefined {
  const items = glueItems(month);
  const before = total(items);
  let best: { workers: number; usd: number; seconds: number } | undefined;
  for (let workers = 2; workers < environment.workers; workers++) {
    const other = withSizes({ environment: { ...environment, workers } });
    const usd = before - total(glueItems(other.month));
    if (usd > (best?.usd ?? 0)) best = { workers, usd, seconds: other.seconds };
  }
  if (best === undefined) return undefined;
  return {
    id: 'workers',
    what: `${best.workers} workers instead of ${environment.workers}`,
    how: `a later run then takes about ${duration(best.seconds)}`,
    on: items.map((item) => item.id),
    usd: best.usd,
  };
}

/** The Glue stages on a transient EMR cluster with spot nodes; Spark repeats the work of a lost spot node. */
function spot({ plan, environment, month, with: withSizes }: MonthParts): Saving | undefined {
  const items = glueItems(month);
  if (items.length === 0) return undefined;
  const stages = plan.stages.map((stage) => ({
    ...stage,
    compute: computeKinds[stage.compute].onSpot ?? stage.compute,
  }));
  const ofRuns = { ...environment, cluster: 'transient' as const };
  const moved = withSizes({ plan: { ...plan, stages }, environment: ofRuns }).month;
  const { billed, madeSeconds } = computeKinds.emr.billing(environment);
  return {
    id: 'spot',
    what: `EMR on ${instancesIn(billed)} instances, ${instancesIn(billed, 'spot')} of them spot`,
    how: `one cluster per run, ${duration(madeSeconds?.expected ?? 0)} to start; AWS may reclaim spot nodes`,
    on: items.map((item) => item.id),
    usd: total(items) + total(clusterItems(month)) - total(clusterItems(moved)),
  };
}

/** A cluster per run instead of a persistent one. */
function transient({ environment, month, with: withSizes }: MonthParts): Saving | undefined {
  const items = clusterItems(month);
  if (environment.cluster === 'transient' || items.length === 0) return undefined;
  const other = withSizes({ environment: { ...environment, cluster: 'transient' } });
  const { madeSeconds } = computeKinds.emr.billing(environment);
  return {
    id: 'transient',
    what: 'a transient cluster per run',
    how: `each run waits ${duration(madeSeconds?.expected ?? 0)} for its cluster`,
    on: items.map((item) => item.id),
    usd: total(items) - total(clusterItems(other.month)),
  };
}

/** Provisioned shards: each stream gets the number that the busiest stream needs. */
function shards({ environment, streams, month, with: withSizes }: MonthParts): Saving | undefined {
  if (environment.shards !== 0 || streams.length === 0) return undefined;
  const count = Math.max(...streams.map(shardsFor));
  const ofKinesis = (items: readonly Item[]) => items.filter((item) => item.id.startsWith('kinesis.'));
  const items = ofKinesis(month);
  return {
    id: 'shards',
    what: `${count === 1 ? '1 shard' : `${count} shards`} per stream instead of on demand`,
    how: 'enough for ten times the average; writes above that are throttled, and producers must retry',
    on: items.map((item) => item.id),
    usd: total(items) - total(ofKinesis(withSizes({ environment: { ...environment, shards: count } }).month)),
  };
}

/**
 * A read by affected keys scans the whole upstream table unless it is partitioned by the key. The saving is the scan of the
 * partitions without new rows.
 */
function pruning({ plan, environment, prices, throughput, month, incremental }: MonthParts): Saving[] {
  return plan.tasks.filter(runsSql).flatMap((task) => {
    const item = month.find((entry) => entry.id === `glue.${task.stage}.${task.name}`);
    if (item === undefined) return [];
    const stage = plan.stages.find((entry) => entry.name === task.stage)!;
    const billing = kindOf(stage).billing(environment);
    const perSecond = secondUsd(billing, environment, prices).expected;
    return task.reads.flatMap((read): Saving[] => {
      const upstream = plan.tasks.filter(runsSql).find((entry) => entry.name === read.table);
      if (typeof read.scope !== 'object' || upstream === undefined) return [];
      const column = read.scope.affected;
      const partitions = throughput.distinct[column];
      const rows = incremental.flow.get(read.table);
      if (partitions === undefined || rows === undefined || upstream.partitionBy.includes(column)) return [];
      if (rows.held.expected / partitions < leastRowsPerPartition) return [];
      const touched = touchedShare(partitions, rows.written).expected;
      const scan = scanSeconds(exactly(rows.held.expected), task, billing).expected;
      return [
        {
          id: `pruning.${task.name}.${read.table}`,
          what: `partition ${read.table} by ${column}`,
          how: `a run touches about ${Math.round(touched * 100)}% of ${partitions.toLocaleString('en-US')} partitions; the others are not scanned`,
          on: [item.id],
          usd: scan * (1 - touched) * perSecond * incremental.runs,
        },
      ];
    });
  });
}
