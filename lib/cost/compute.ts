import type { Billing } from '../compute/billing.ts';
import { kindOf } from '../compute/compute.ts';
import type { Plan, Stage, Task } from '../plan/schema.ts';
import { traitsOf } from '../plan/task-kinds.ts';
import { hourUsd } from './billed.ts';
import type { CostEnvironment } from './cost-sizes.ts';
import type { Item } from './items.ts';
import type { Prices } from './prices.ts';
import { exactly, type Level, levels, plus, type Range, ranged, times } from './range.ts';
import type { TaskRows } from './row-flow.ts';
import { fitsOf, type TaskRate, type Throughput } from './throughput.ts';

/** How long a stage takes on AWS: its start and each task, in seconds. */
export interface StageTime {
  stage: Stage;
  start: Range;
  tasks: { task: Task; seconds: Range; rows: Range }[];
  /** Start and tasks together. */
  total: Range;
}

/** Billed seconds before the first row: session, packages, plan. Glue does not bill the provisioning of machines. */
const startSeconds: Range = { low: 20, expected: 45, high: 120 };

/** Minimum seconds of a Spark task: its jobs, the commit, file listings. */
const taskSeconds: Range = { low: 2, expected: 6, high: 15 };

/** Slowdown of Spark against Sail per core; the high figure is the slowest. For a run measured on Spark: the difference of the machines. */
const onSpark: Record<TaskRate['engine'], Range> = {
  sail: { low: 2, expected: 4, high: 8 },
  spark: { low: 0.7, expected: 1, high: 1.5 },
};

/** Training and scoring run in memory on the driver, with the same library as on a laptop. */
const inMemory: Range = { low: 0.8, expected: 1.1, high: 1.8 };

/** The share of additional cores that is not lost to shuffles and skew; the high cost figure uses the smallest share. */
const efficiency: Range = { low: 0.9, expected: 0.65, high: 0.4 };

/** Rows per second and core for a scan without computation. */
const scannedPerCore: Range = { low: 8_000_000, expected: 3_000_000, high: 1_000_000 };

/** Cores that compute: training and scoring use the driver alone, everything else uses the executors. */
function coresFor(task: Task, { driver, executorCores }: Billing): Range {
  if (traitsOf(task).onDriver) return exactly(driver.cores);
  return ranged((level) => Math.max(1, executorCores * efficiency[level]));
}

/** Seconds to scan rows without computing on them. */
export function scanSeconds(rows: Range, task: Task, billing: Billing): Range {
  const cores = coresFor(task, billing);
  return ranged((level) => rows[level] / scannedPerCore[level] / cores[level]);
}

function secondsOf(task: Task, rows: TaskRows, rate: TaskRate, billing: Billing): Range {
  const cores = coresFor(task, billing);
  const slower = traitsOf(task).onDriver ? inMemory : onSpark[rate.engine];
  const scan = scanSeconds(rows.scanned, task, billing);
  return ranged(
    (level) =>
      taskSeconds[level] +
      (rows.read[level] * fitsOf(task) * slower[level]) / (rate.perCore * cores[level]) +
      scan[level],
  );
}

/** The time of each stage for these rows. `up`: compute kinds whose machines are up when a run starts. */
export function stageTimes(
  plan: Plan,
  flow: ReadonlyMap<string, TaskRows>,
  throughput: Throughput,
  environment: CostEnvironment,
  up: ReadonlySet<Stage['compute']>,
): StageTime[] {
  return plan.stages.map((stage) => {
    const billing = kindOf(stage).billing(environment);
    const tasks = plan.tasks
      .filter((task) => task.stage === stage.name)
      .map((task) => {
        const rows = flow.get(task.name);
        const rate = throughput.tasks[task.name];
        if (rows === undefined || rate === undefined) throw new Error(`no rows or rate of task ${task.name}`);
        return { task, rows: rows.read, seconds: secondsOf(task, rows, rate, billing) };
      });
    // The first stage on a compute kind starts it for the later stages.
    const first = plan.stages.find(({ compute }) => compute === stage.compute) === stage;
    const starts = first && !up.has(stage.compute);
    const start = starts && billing.madeSeconds ? plus(startSeconds, billing.madeSeconds) : startSeconds;
    return { stage, start, tasks, total: plus(start, ...tasks.map((entry) => entry.seconds)) };
  });
}

/** USD per second of a stage's compute. */
export const secondUsd = (billing: Billing, environment: CostEnvironment, prices: Prices): Range =>
  times(plus(...billing.billed.map((each) => hourUsd(each, environment.region, prices))), 1 / 3600);

/** One item per task and one for the start of each stage; together they are the billed seconds. */
export function computeItems(stages: readonly StageTime[], environment: CostEnvironment, prices: Prices): Item[] {
  return stages.flatMap(({ stage, start, tasks }) => {
    const billing = kindOf(stage).billing(environment);
    const usd = secondUsd(billing, environment, prices);
    const [started, ...seconds] = billed([start, ...tasks.map((entry) => entry.seconds)], billing.leastSeconds);
    const item = (kind: Item['kind'], last: string, what: string, seconds: Range): Item => ({
      id: `${stage.compute}.${stage.name}.${last}`,
      kind,
      what: `${billing.name} ${stage.name}: ${what}`,
      detail: `${duration(seconds.expected)} x ${billing.size}`,
      usd: times(seconds, usd),
    });
    return [
      item('start', 'start', 'start', started!),
      ...tasks.map(({ task }, i) => item(task.kind, task.name, task.name, seconds[i]!)),
    ];
  });
}

/**
 * Seconds including the billed minimum. In the high figure, the first part carries the addition. In the lower figures, each part is raised
 * towards the figure above, so that no part decreases from one level to the next.
 */
function billed(parts: readonly Range[], least: number): Range[] {
  const raised = (level: Level, above: readonly number[] | undefined): number[] => {
    const seconds = parts.map((part) => part[level]);
    const missing = Math.max(0, least - sum(seconds));
    if (above === undefined) return seconds.map((value, i) => value + (i === 0 ? missing : 0));
    const room = sum(above) - sum(seconds);
    return seconds.map((value, i) => (room > 0 ? value + (missing * (above[i]! - value)) / room : value));
  };
  const high = raised('high', undefined);
  const expected = raised('expected', high);
  const low = raised('low', expected);
  return parts.map((_, i) => ({ low: low[i]!, expected: expected[i]!, high: high[i]! }));
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Stages whose expected or high duration exceeds their timeout. */
export function overtime(times: readonly StageTime[]): { stage: Stage; level: 'expected' | 'high'; seconds: number }[] {
  return times.flatMap(({ stage, total }) => {
    const level = levels.find((name) => name !== 'low' && total[name] > stage.timeoutSeconds);
    return level === undefined || level === 'low' ? [] : [{ stage, level, seconds: total[level] }];
  });
}

/** 95 -> `95 s`, 5400 -> `1.5 h`. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
