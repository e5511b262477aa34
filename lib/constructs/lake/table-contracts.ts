import { objectiveOf } from '../../learning/learning.ts';
import type { Column, Plan, Task } from '../../plan/schema.ts';

/** A Delta table for the catalog; `columns` in the order in which the engine writes them. */
export interface TableContract {
  name: string;
  layer: 'bronze' | 'silver' | 'gold' | 'feature';
  columns: { name: string; type: string; comment: string }[];
  partitionBy: readonly string[];
  /** The task that writes it. */
  task: string;
}

/** The columns that the engine adds to each bronze table; same as in `engine/arrow_types.py`. */
const bronzeColumns: readonly Column[] = [
  { name: '_row', type: 'bigint', nullable: false },
  { name: '_source_file', type: 'string', nullable: false },
  { name: '_ingested_at', type: 'timestamp', nullable: false },
  { name: '_run_id', type: 'string', nullable: false },
];

/** One contract for each task that writes a table. */
export function tableContracts(plan: Plan): TableContract[] {
  return plan.tasks.flatMap((task) => contractOf(plan, task) ?? []);
}

function contractOf(plan: Plan, task: Task): TableContract | undefined {
  const contract = (
    layer: TableContract['layer'],
    name: string,
    columns: readonly Column[],
    partitionBy: readonly string[],
  ) => ({
    name,
    layer,
    columns: columns.map((column) => ({
      name: column.name,
      // Our type names are also Hive's, including decimal(10,2) and struct<a:int>.
      type: column.type,
      comment: column.nullable ? '' : 'never null',
    })),
    partitionBy,
    task: task.name,
  });
  switch (task.kind) {
    case 'ingest':
      return contract('bronze', task.name, [...task.columns, ...bronzeColumns], []);
    case 'transform': {
      const passing = task.reads.some((read) => read.use === 'rows');
      return contract(
        task.layer,
        task.name,
        [...bronzeColumns.slice(0, passing ? 1 : 0), ...task.columns],
        task.partitionBy,
      );
    }
    case 'predict':
      return contract(
        'gold',
        task.table,
        [...keyColumns(plan, task.features, task.key), ...predictedColumns(plan, task.model), modelVersion],
        [],
      );
    case 'train':
      return undefined;
    default:
      return task satisfies never;
  }
}

const modelVersion: Column = { name: 'model_version', type: 'bigint', nullable: false };

/** What the objective of a model has for each row. */
function predictedColumns(plan: Plan, model: string): Column[] {
  const trainings = plan.tasks.filter((task) => task.kind === 'train' && task.model === model);
  return trainings.flatMap((task) =>
    task.kind === 'train' ? objectiveOf(task).predicted.columns.map((column) => ({ ...column, nullable: false })) : [],
  );
}

function keyColumns(plan: Plan, features: string, key: readonly string[]): Column[] {
  const columns = plan.tasks.flatMap((task) =>
    task.name === features && task.kind === 'transform' ? task.columns : [],
  );
  return columns.filter((column) => key.includes(column.name));
}
