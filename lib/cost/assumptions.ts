import { computeKinds, kindsOf } from '../compute/compute.ts';
import type { Stage } from '../plan/schema.ts';
import { streamedTasks } from '../plan/streams.ts';
import { fromSource, learns, runsSql } from '../plan/task-kinds.ts';
import { counted } from '../words.ts';
import { duration } from './compute.ts';
import { gigabytes } from './fixed-costs.ts';
import type { Question } from './question.ts';
import { outliving } from './standing-clusters.ts';
import { fitsOf, gridPoints } from './throughput.ts';

/** If a rate was measured on less than this fraction (1 in 20) of the rows, the forecast warns. */
const farFromMeasured = 20;

/** The assumptions of the forecast, one sentence each. */
export function assumptions(
  { plan, prices, throughput, environment }: Question,
  rows: number,
  up: ReadonlySet<Stage['compute']>,
): string[] {
  const { input } = throughput;
  const machines = kindsOf(plan).map((compute) => computeKinds[compute].billing(environment).assumed);
  const bytes = gigabytes((rows * throughput.bytesPerRow) / 1e9);
  const measured = plan.tasks.filter((task) => throughput.tasks[task.name]?.run !== undefined);
  const runs = [...new Set(measured.map((task) => throughput.tasks[task.name]?.run))];
  const size = `${counted(Math.round(rows), 'row')} in all sources, ${bytes} at ${counted(Math.round(throughput.bytesPerRow), 'byte')} per row`;
  const share = `${(environment.newShare * 100).toFixed(environment.newShare < 0.01 ? 1 : 0)}%`;
  const lines = [
    size +
      (input === undefined ? ' (assumed), distributed evenly over the sources' : `, distributed as in ${input.run}`),
    measured.length === 0
      ? 'throughput is assumed, because nothing has run on this machine yet; `millrace run` measures it'
      : `throughput is measured for ${measured.length} of ${counted(plan.tasks.length, 'task')}, in ${runs.slice(0, 3).join(', ')}; the others read too few rows to measure`,
    `per core, Spark on AWS is 2 to 8 times slower than Sail on this machine; training and scoring run in memory on the driver, as on this machine`,
    `${environment.name}: ${machines.join('; ')}, ${counted(environment.runsPerMonth, 'run')} per month; the first reads everything, each later run ${share} more`,
    `list prices of ${environment.region} as of ${prices.asOf}, without free tier, tax or discount; check them before you base a decision on them`,
  ];
  if (measured.length === plan.tasks.length)
    lines[1] = lines[1]!.replace('; the others read too few rows to measure', '');
  for (const compute of outliving(plan, environment)) {
    const idle = duration(computeKinds[compute].billing(environment).idleEndSeconds!);
    lines.push(
      up.has(compute)
        ? `runs, distributed evenly over the month, leave the persistent cluster idle for less than ${idle}: it is up all month, whatever a run costs; pipelines of ${environment.name} share it`
        : `between runs, distributed evenly over the month, the persistent cluster is idle for ${idle} and ends: each later run starts its own`,
    );
  }
  const streams = streamedTasks(plan).map(({ name }) => name);
  if (streams.length > 0)
    lines.push(
      `new rows of ${streams.join(', ')} arrive through a stream, one row per record; larger records cost less`,
    );
  const far = measured.filter(
    (task) => input !== undefined && rows > farFromMeasured * input.rows && !fromSource(task),
  );
  if (far.length > 0 && input !== undefined) {
    lines.push(
      `the input is ${Math.round(rows / input.rows)} times the measured input: run a larger sample for a more accurate forecast`,
    );
  }
  for (const task of plan.tasks) {
    if (learns(task)) {
      const sum = `${counted(gridPoints(task), 'grid point')} × ${counted(task.folds, 'fold')} + 1`;
      lines.push(`${task.name} fits ${counted(fitsOf(task), 'model')} (${sum}), on all rows, in every run`);
    }
    if (runsSql(task) && task.partitionBy.length > 0) lines.push(partitioning(task.name, task.partitionBy, plan));
  }
  return lines;
}

function partitioning(table: string, columns: readonly string[], plan: Question['plan']): string {
  const readers = plan.tasks
    .filter(runsSql)
    .filter(({ reads }) =>
      reads.some(
        (read) => read.table === table && typeof read.scope === 'object' && columns.includes(read.scope.affected),
      ),
    );
  const by = `${table} is partitioned by ${columns.join(', ')}`;
  return readers.length > 0
    ? `${by}: ${readers.map((task) => task.name).join(', ')} reads only the partitions that a run touches, if their number is known`
    : `${by}; no task reads it by that key, so pruning helps other queries, not the runs`;
}
