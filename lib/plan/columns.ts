import type { ColumnType, Task } from './schema.ts';

/** The columns a reader of this task's table sees, the engine's own included. */
export function visibleColumns(task: Task): { name: string; type: ColumnType }[] {
  switch (task.kind) {
    case 'ingest':
      return [
        ...task.columns,
        { name: '_row', type: 'bigint' },
        { name: '_source_file', type: 'string' },
        { name: '_ingested_at', type: 'timestamp' },
        { name: '_run_id', type: 'string' },
      ];
    case 'transform':
      return [...task.columns, { name: '_row', type: 'bigint' }];
    case 'train':
    case 'predict':
      return [];
    default:
      return task satisfies never;
  }
}
