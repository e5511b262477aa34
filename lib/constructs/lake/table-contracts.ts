import type { Plan, Task } from '../../plan/schema.ts';
import { type Layer, tableLayer, traitsOf } from '../../plan/task-kinds.ts';

/** A Delta table for the catalog; `columns` in the order in which the engine writes them. */
export interface TableContract {
  name: string;
  layer: Layer;
  columns: { name: string; type: string; comment: string }[];
  partitionBy: readonly string[];
  /** The task that writes it. */
  task: string;
}

/** One contract for each task that writes a table. */
export function tableContracts(plan: Plan): TableContract[] {
  return plan.tasks.flatMap((task) => contractOf(plan, task) ?? []);
}

function contractOf(plan: Plan, task: Task): TableContract | undefined {
  const layer = tableLayer(task);
  if (layer === undefined) return undefined;
  const { columns, partitionBy } = traitsOf(task);
  return {
    name: task.name,
    layer,
    columns: columns(task, plan.tasks).map((column) => ({
      name: column.name,
      // Our type names are also Hive's, including decimal(10,2) and struct<a:int>.
      type: column.type,
      comment: column.nullable ? '' : 'never null',
    })),
    partitionBy: partitionBy(task),
    task: task.name,
  };
}
