import type { RunDocument, TaskResult } from '../documents/run-document.ts';
import { algorithmNamed } from '../learning/learning.ts';
import type { Plan, Task, TrainTask } from '../plan/schema.ts';
import { fromSource, learns, listsFiles, runsSql, scores, traitsOf } from '../plan/task-kinds.ts';

/** The speed of one task, from the run in which it read the most rows. */
export interface TaskRate {
  /** Rows per second on one core; for a training, rows times fits. */
  perCore: number;
  /** The engine of the measurement: Sail and Spark have different rates. */
  engine: 'sail' | 'spark';
  /** Rows that the rate was measured on; 0 if it is assumed. */
  rows: number;
  run?: string;
}

export interface Throughput {
  source: 'assumed' | 'measured';
  bytesPerRow: number;
  tasks: Record<string, TaskRate>;
  /** Rows of a task's table (for an ingest: rows read) per input row; from a full run. */
  shares: Record<string, number>;
  /** Distinct values of a column, if it is the only key column of some table. */
  distinct: Record<string, number>;
  /** The input of the last full run on this machine. */
  input?: { run: string; rows: number; bytes: number };
}

const assumedBytesPerRow = 140;

/** With fewer rows, the time is dominated by the start of the task. */
const leastRows = 1_000;

/** Assumptions before anything has run. */
export function assumedThroughput(plan: Plan): Throughput {
  const rate = (task: Task): TaskRate => ({ perCore: traitsOf(task).perCore, engine: 'sail', rows: 0 });
  return {
    source: 'assumed',
    bytesPerRow: assumedBytesPerRow,
    tasks: Object.fromEntries(plan.tasks.map((task) => [task.name, rate(task)])),
    shares: {},
    distinct: {},
  };
}

/** Measurements from runs of this pipeline, on a machine with that many `cores`; assumptions for the rest. */
export function measuredThroughput(plan: Plan, runs: readonly RunDocument[], cores: number): Throughput {
  const assumed = assumedThroughput(plan);
  const tasks = { ...assumed.tasks };
  for (const task of plan.tasks) {
    for (const run of runs) {
      const result = run.tasks.find((entry) => entry.task === task.name && entry.kind === task.kind);
      if (result === undefined || result.read < leastRows || result.seconds <= 0) continue;
      if (result.read < (tasks[task.name]?.rows ?? 0)) continue;
      const perCore = (result.read * fitsOf(task)) / result.seconds / cores;
      tasks[task.name] = { perCore, engine: run.engine, rows: result.read, run: run.run };
    }
  }
  const full = runs.filter((run) => isFull(plan, run)).at(-1);
  const measured = Object.values(tasks).some((rate) => rate.run !== undefined);
  return {
    ...assumed,
    source: measured ? 'measured' : 'assumed',
    tasks,
    ...(full === undefined ? {} : shapeOf(plan, full)),
  };
}

/**
 * Models fitted in one training: the grid on each fold, and the chosen one on the whole training part.
 */
export function fitsOf(task: Task): number {
  if (!learns(task)) return 1;
  return gridPoints(task) * task.folds + 1;
}

/** Models fitted on each fold. */
export const gridPoints = ({ algorithm }: TrainTask): number => algorithmNamed(algorithm.name).fitsPerFold(algorithm);

/** Whether the run read all input and computed every table from it. */
export function isFull(plan: Plan, run: RunDocument): boolean {
  const resultOf = (task: Task) => run.tasks.find((entry) => entry.task === task.name);
  const complete = plan.tasks.every((task) => {
    if (scores(task) || (listsFiles(task) && task.optional)) return true;
    return resultOf(task)?.mode === 'full';
  });
  return complete && inputRows(run) >= leastRows;
}

const ingests = (run: RunDocument): TaskResult[] => run.tasks.filter(fromSource);
const inputRows = (run: RunDocument) => ingests(run).reduce((sum, result) => sum + result.read, 0);

function shapeOf(plan: Plan, run: RunDocument): Pick<Throughput, 'bytesPerRow' | 'shares' | 'distinct' | 'input'> {
  const rows = inputRows(run);
  const bytes = run.inputs.reduce((sum, file) => sum + file.size, 0);
  const shares: Record<string, number> = {};
  const distinct: Record<string, number> = {};
  for (const task of plan.tasks) {
    const result = run.tasks.find((entry) => entry.task === task.name);
    const size = fromSource(task) ? (result?.read ?? 0) : result?.table?.rows;
    if (size === undefined) continue;
    shares[task.name] = size / rows;
    if (runsSql(task) && task.key.length === 1) {
      const column = task.key[0]!;
      distinct[column] = Math.max(distinct[column] ?? 0, size);
    }
  }
  return {
    bytesPerRow: bytes > 0 ? bytes / rows : assumedBytesPerRow,
    shares,
    distinct,
    input: { run: run.run, rows, bytes },
  };
}
