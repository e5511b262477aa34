import type { Plan, Read, Task, TransformTask } from '../plan/schema.ts';
import { fromSource, learns, runsSql } from '../plan/task-kinds.ts';
import { atMost, exactly, plus, type Range, ranged, times } from './range.ts';
import type { Throughput } from './throughput.ts';

/** Row counts of one task. */
export interface TaskRows {
  /** Rows that it computes on. */
  read: Range;
  /** Rows that it only scans, to find affected keys or to join with a lookup. */
  scanned: Range;
  /** Rows that it writes. */
  written: Range;
  /** All rows of its table. */
  held: Range;
}

/** `full` computes everything from all input; `incremental` reads the new share. */
export type Mode = 'full' | 'incremental';

/** Rows of an aggregate per row that it reads, if nothing was measured. */
const aggregated: Range = { low: 0.001, expected: 0.05, high: 0.5 };

/** Rows of a table that belong to the keys of one new row. */
const rowsOfAffectedKey: Range = { low: 1, expected: 2, high: 6 };

/**
 * The rows that each task reads, scans and writes if the pipeline's input has `rows` rows in total, `newShare` of them new. Each
 * figure grows with `rows`.
 */
export function rowFlow(
  plan: Plan,
  rows: number,
  throughput: Throughput,
  mode: Mode,
  newShare: number,
): Map<string, TaskRows> {
  const flow = new Map<string, TaskRows>();
  const sources = plan.tasks.filter(fromSource).length;
  const held = heldRows(plan, rows / Math.max(1, sources), rows, throughput);
  const heldBy = (name: string) => held.get(name) ?? exactly(0);
  const writtenBy = (name: string) => flow.get(name)?.written ?? exactly(0);
  for (const task of inOrder(plan)) {
    const all = heldBy(task.name);
    if (fromSource(task)) {
      const read = times(all, mode === 'full' ? 1 : newShare);
      flow.set(task.name, { read, scanned: exactly(0), written: read, held: all });
    } else if (runsSql(task)) {
      const taken = task.reads.map((read) =>
        takenIn(read, mode, heldBy(read.table), writtenBy(read.table), (fresh) =>
          prunedShare(plan, read, fresh, throughput),
        ),
      );
      const consumed = plus(...taken.map((entry) => entry.read));
      const whole = plus(...task.reads.filter((read) => read.use !== 'lookup').map((read) => heldBy(read.table)));
      const written = mode === 'full' ? all : atMost(times(all, share(consumed, whole)), all);
      const scanned = plus(...taken.map((entry) => entry.scanned));
      flow.set(task.name, { read: consumed, scanned, written, held: all });
    } else flow.set(task.name, { read: heldBy(task.features), scanned: exactly(0), written: all, held: all });
  }
  return flow;
}

function takenIn(
  read: Read,
  mode: Mode,
  held: Range,
  fresh: Range,
  pruned: (fresh: Range) => Range,
): Pick<TaskRows, 'read' | 'scanned'> {
  if (read.use === 'lookup') return { read: exactly(0), scanned: held };
  if (mode === 'full' || read.scope === 'all') return { read: held, scanned: exactly(0) };
  if (read.scope === 'new') return { read: fresh, scanned: exactly(0) };
  return { read: atMost(times(fresh, rowsOfAffectedKey), held), scanned: times(held, pruned(fresh)) };
}

/** The share of an upstream table that is scanned for affected keys: less than all if it is partitioned by the key. */
function prunedShare(plan: Plan, read: Read, fresh: Range, throughput: Throughput): Range {
  const upstream = plan.tasks.find((task) => task.name === read.table);
  const column = typeof read.scope === 'object' ? read.scope.affected : undefined;
  const partitions = column === undefined ? undefined : throughput.distinct[column];
  const partitioned =
    upstream !== undefined && runsSql(upstream) && column !== undefined && upstream.partitionBy.includes(column);
  return partitioned && partitions !== undefined ? touchedShare(partitions, fresh) : exactly(1);
}

/** consumed / whole, level by level, at most 1. */
function share(consumed: Range, whole: Range): Range {
  const ratio = (part: number, all: number) => (all <= 0 ? 0 : Math.min(1, part / all));
  const low = ratio(consumed.low, whole.low);
  const expected = Math.max(low, ratio(consumed.expected, whole.expected));
  return { low, expected, high: Math.max(expected, ratio(consumed.high, whole.high)) };
}

/** Rows of each table after all input was read. */
function heldRows(plan: Plan, perSource: number, rows: number, throughput: Throughput): Map<string, Range> {
  const held = new Map<string, Range>();
  for (const task of inOrder(plan)) {
    const measured = throughput.shares[task.name];
    held.set(task.name, measured === undefined ? heldUnmeasured(task, perSource, held) : exactly(measured * rows));
  }
  return held;
}

function heldUnmeasured(task: Task, perSource: number, held: ReadonlyMap<string, Range>): Range {
  const heldBy = (name: string) => held.get(name) ?? exactly(0);
  if (fromSource(task)) return exactly(perSource);
  if (runsSql(task)) return heldByTransform(task, heldBy);
  return learns(task) ? exactly(0) : heldBy(task.features);
}

/** A `rows` read returns one row per input row; a table of aggregates alone has one row per group. */
function heldByTransform(task: TransformTask, heldBy: (name: string) => Range): Range {
  const inputs = (use: Read['use']) => task.reads.filter((read) => read.use === use).map((read) => heldBy(read.table));
  const rows = inputs('rows');
  return rows.length > 0 ? plus(...rows) : times(plus(...inputs('aggregate')), aggregated);
}

/** Tasks in dependency order, upstream first. */
function inOrder(plan: Plan): Task[] {
  const ordered: Task[] = [];
  const done = new Set<string>();
  const visit = (task: Task | undefined) => {
    if (task === undefined || done.has(task.name)) return;
    done.add(task.name);
    for (const name of task.upstream) visit(plan.tasks.find((entry) => entry.name === name));
    ordered.push(task);
  };
  for (const task of plan.tasks) visit(task);
  return ordered;
}

/**
 * The share of a table's partitions that receive new rows, if these are evenly distributed: of 50 regions, 20 new customers touch a
 * third, 1,000 touch all. So pruning helps small runs and many partitions.
 */
export function touchedShare(partitions: number, rows: Range): Range {
  const missed = 1 - 1 / Math.max(1, partitions);
  return ranged((level) => 1 - missed ** rows[level]);
}

/** Partitions with fewer rows are not worthwhile. */
export const leastRowsPerPartition = 10_000;
