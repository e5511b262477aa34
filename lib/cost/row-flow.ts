import type { Plan, Read, Task, TransformTask } from '../plan/schema.ts';
import { atMost, exactly, plus, type Range, ranged, times } from './range.ts';
import type { Throughput } from './throughput.ts';

/** The rows that one task has to do with. */
export interface TaskRows {
  /** Rows computed on. */
  read: Range;
  /** Rows only looked at, to find those of the affected keys or to join with a lookup. */
  scanned: Range;
  /** Rows that the task writes. */
  written: Range;
  /** Rows of its table in all. */
  held: Range;
}

/** `full` computes all from all of the input; `incremental` takes in the new share of it. */
export type Mode = 'full' | 'incremental';

/** Rows of an aggregate for each row that it reads, where no run has told. */
const aggregated: Range = { low: 0.001, expected: 0.05, high: 0.5 };

/** Rows of a table that belong to the keys of one new row. */
const rowsOfAffectedKey: Range = { low: 1, expected: 2, high: 6 };

/**
 * How many rows each task reads, scans and writes when the pipeline's input is `rows` rows in all, `newShare` of them new. Each
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
  const sources = plan.tasks.filter((task) => task.kind === 'ingest').length;
  const held = heldRows(plan, rows / Math.max(1, sources), rows, throughput);
  const heldBy = (name: string) => held.get(name) ?? exactly(0);
  const writtenBy = (name: string) => flow.get(name)?.written ?? exactly(0);
  for (const task of inOrder(plan)) {
    const all = heldBy(task.name);
    switch (task.kind) {
      case 'ingest': {
        const read = times(all, mode === 'full' ? 1 : newShare);
        flow.set(task.name, { read, scanned: exactly(0), written: read, held: all });
        break;
      }
      case 'transform': {
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
        break;
      }
      case 'train':
        flow.set(task.name, { read: heldBy(task.features), scanned: exactly(0), written: exactly(0), held: all });
        break;
      case 'predict':
        flow.set(task.name, { read: heldBy(task.features), scanned: exactly(0), written: all, held: all });
        break;
      default:
        task satisfies never;
    }
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

/** The share of an upstream table that is looked at for the affected keys: less than all where it is partitioned by them. */
function prunedShare(plan: Plan, read: Read, fresh: Range, throughput: Throughput): Range {
  const upstream = plan.tasks.find((task) => task.name === read.table);
  const column = typeof read.scope === 'object' ? read.scope.affected : undefined;
  const partitions = column === undefined ? undefined : throughput.distinct[column];
  const partitioned = upstream?.kind === 'transform' && column !== undefined && upstream.partitionBy.includes(column);
  return partitioned && partitions !== undefined ? touchedShare(partitions, fresh) : exactly(1);
}

/** Consumed of whole, level by level, at most 1. */
function share(consumed: Range, whole: Range): Range {
  const of = (part: number, all: number) => (all <= 0 ? 0 : Math.min(1, part / all));
  const low = of(consumed.low, whole.low);
  const expected = Math.max(low, of(consumed.expected, whole.expected));
  return { low, expected, high: Math.max(expected, of(consumed.high, whole.high)) };
}

/** Rows of each table once all of the input is in it. */
function heldRows(plan: Plan, perSource: number, rows: number, throughput: Throughput): Map<string, Range> {
  const held = new Map<string, Range>();
  for (const task of inOrder(plan)) {
    const measured = throughput.shares[task.name];
    held.set(task.name, measured === undefined ? heldUnmeasured(task, perSource, held) : exactly(measured * rows));
  }
  return held;
}

function heldUnmeasured(task: Task, perSource: number, held: ReadonlyMap<string, Range>): Range {
  const of = (name: string) => held.get(name) ?? exactly(0);
  switch (task.kind) {
    case 'ingest':
      return exactly(perSource);
    case 'transform':
      return heldByTransform(task, of);
    case 'train':
      return exactly(0);
    case 'predict':
      return of(task.features);
    default:
      return task satisfies never;
  }
}

/** Each row of a `rows` read is one row out; a table of aggregates only is as long as its groups are many. */
function heldByTransform(task: TransformTask, of: (name: string) => Range): Range {
  const inputs = (use: Read['use']) => task.reads.filter((read) => read.use === use).map((read) => of(read.table));
  const rows = inputs('rows');
  return rows.length > 0 ? plus(...rows) : times(plus(...inputs('aggregate')), aggregated);
}

/** Upstream before downstream. */
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
 * The share of a table's partitions that some rows fall into, when they are spread over them evenly: of 50 regions, 20 new
 * customers touch a third, 1,000 touch all. So pruning helps small runs and many partitions, and this says when it does not.
 */
export function touchedShare(partitions: number, rows: Range): Range {
  const missed = 1 - 1 / Math.max(1, partitions);
  return ranged((level) => 1 - missed ** rows[level]);
}

/** Rows below which a partition is too small to be worth its files. */
export const leastRowsPerPartition = 10_000;
