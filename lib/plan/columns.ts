import { normalType } from '../definition/column-types.ts';
import type { Column, ColumnType, Task } from './schema.ts';

/** `'double?'` is a double that may be null. Throws on what the definition's schema refuses. */
export function columnOf(name: string, spec: string): Column {
  const nullable = spec.endsWith('?');
  const found = normalType(nullable ? spec.slice(0, -1) : spec);
  if ('wrong' in found) throw new Error(found.wrong);
  return { name, type: found.type, nullable };
}

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
