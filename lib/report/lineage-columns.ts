import type { Task } from '../plan/schema.ts';
import { type Product, traitsOf } from '../plan/task-kinds.ts';

/** Layers from left to right. Gold and feature tables share a position, because both are made from silver tables. */
const titles = ['bronze', 'silver', 'gold · feature', 'model', 'predictions'] as const;

export interface Columns {
  column: ReadonlyMap<string, number>;
  bands: { title: string; from: number; to: number }[];
}

/** The index of the layer's title, for what a task produces. */
const groups: Record<Product, number> = { bronze: 0, silver: 1, gold: 2, feature: 2, model: 3, predictions: 4 };

export const groupOf = (task: Task): number => groups[traitsOf(task).makes(task)];

/** The column of each task: right of everything that it reads. A layer has several columns if its tables read one another. */
export function columnsOf(tasks: readonly Task[]): Columns {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const inOrder = tasks.every((task) =>
    task.upstream.every((name) => groupOf(byName.get(name) ?? task) <= groupOf(task)),
  );
  // A silver table may read a gold one. Then only the depth decides the column, and layers have no bands.
  const depth = depths(tasks, (reader, upstream) => !inOrder || groupOf(reader) === groupOf(upstream));
  if (!inOrder) return { column: depth, bands: [] };
  const bands: Columns['bands'] = [];
  const column = new Map<string, number>();
  let from = 0;
  titles.forEach((title, group) => {
    const members = tasks.filter((task) => groupOf(task) === group);
    if (members.length === 0) return;
    const to = from + Math.max(...members.map((task) => depth.get(task.name)!));
    for (const task of members) column.set(task.name, from + depth.get(task.name)!);
    bands.push({ title, from, to });
    from = to + 1;
  });
  return { column, bands };
}

/** The depth of each task in the graph. A plan lists a task after everything that it reads. */
function depths(tasks: readonly Task[], counts: (reader: Task, upstream: Task) => boolean): Map<string, number> {
  const depth = new Map<string, number>();
  const seen = new Map<string, Task>();
  for (const task of tasks) {
    const before = task.upstream.flatMap((name) => {
      const upstream = seen.get(name);
      return upstream !== undefined && counts(task, upstream) ? [depth.get(name)! + 1] : [];
    });
    depth.set(task.name, Math.max(0, ...before));
    seen.set(task.name, task);
  }
  return depth;
}
