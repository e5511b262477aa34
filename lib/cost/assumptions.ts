import { computeKinds, kindsOf } from '../compute/compute.ts';
import { streamedTasks } from '../plan/streams.ts';
import { counted } from '../words.ts';
import { gigabytes } from './fixed-costs.ts';
import type { Question } from './question.ts';
import { fitsOf } from './throughput.ts';

/** A rate taken from fewer rows than one in this many of those it is used for is a guess, and said to be one. */
const farFromMeasured = 20;

/** What the forecast rests on, one sentence each. */
export function assumptions({ plan, prices, throughput, environment }: Question, rows: number): string[] {
  const { input } = throughput;
  const machines = kindsOf(plan).map((compute) => computeKinds[compute].billing(environment).assumed);
  const bytes = gigabytes((rows * throughput.bytesPerRow) / 1e9);
  const measured = plan.tasks.filter((task) => throughput.tasks[task.name]?.run !== undefined);
  const runs = [...new Set(measured.map((task) => throughput.tasks[task.name]?.run))];
  const size = `${counted(Math.round(rows), 'row')} in all sources, ${bytes} at ${counted(Math.round(throughput.bytesPerRow), 'byte')} a row`;
  const share = `${(environment.newShare * 100).toFixed(environment.newShare < 0.01 ? 1 : 0)}%`;
  const lines = [
    size + (input === undefined ? ' (assumed), spread evenly over the sources' : `, spread as in ${input.run}`),
    measured.length === 0
      ? 'throughput is assumed: nothing has run here yet, and `millrace run` measures it'
      : `throughput is measured for ${measured.length} of ${counted(plan.tasks.length, 'task')}, in ${runs.slice(0, 3).join(', ')}; the others read too few rows to tell`,
    `Spark on AWS is slower a core than Sail here, 2 to 8 times; training and scoring are in memory on the driver, as here`,
    `${environment.name}: ${machines.join('; ')}, ${counted(environment.runsPerMonth, 'run')} a month; the first reads everything, each other ${share} more`,
    `list prices of ${environment.region} as of ${prices.asOf}, without free tier, tax or discount; check them before a decision hangs on them`,
  ];
  if (measured.length === plan.tasks.length) lines[1] = lines[1]!.replace('; the others read too few rows to tell', '');
  const streams = streamedTasks(plan).map(({ name }) => name);
  if (streams.length > 0)
    lines.push(`what is new of ${streams.join(', ')} arrives by a stream, a row a record; fuller records cost less`);
  const far = measured.filter(
    (task) => input !== undefined && rows > farFromMeasured * input.rows && task.kind !== 'ingest',
  );
  if (far.length > 0 && input !== undefined) {
    lines.push(
      `the input is ${Math.round(rows / input.rows)} times what was measured: run a larger sample for a closer forecast`,
    );
  }
  for (const task of plan.tasks) {
    if (task.kind === 'train')
      lines.push(`${task.name} fits ${counted(fitsOf(task), 'model')}, on all rows, in every run`);
    if (task.kind === 'transform' && task.partitionBy.length > 0)
      lines.push(partitioning(task.name, task.partitionBy, plan));
  }
  return lines;
}

function partitioning(table: string, columns: readonly string[], plan: Question['plan']): string {
  const readers = plan.tasks.filter(
    (task) =>
      task.kind === 'transform' &&
      task.reads.some(
        (read) => read.table === table && typeof read.scope === 'object' && columns.includes(read.scope.affected),
      ),
  );
  const by = `${table} is partitioned by ${columns.join(', ')}`;
  return readers.length > 0
    ? `${by}: ${readers.map((task) => task.name).join(', ')} looks only at the partitions a run touches, where their number is known`
    : `${by}; no task reads it by that, so pruning saves queries of others, not the runs`;
}
