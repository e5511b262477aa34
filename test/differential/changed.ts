import type { Change, PipelineShape, TableShape } from './story.ts';

/** The pipeline after changes to its definition. */
export function changed(shape: PipelineShape, changes: readonly Change[]): PipelineShape {
  return changes.reduce(one, shape);
}

function one({ sources, tables }: PipelineShape, change: Change): PipelineShape {
  if ('gone' in change) return { sources, tables: tables.filter((table) => table.name !== change.of) };
  return {
    sources: sources.map((source) =>
      source.name === change.of && 'more' in change ? { ...source, more: change.more } : source,
    ),
    tables: tables.map((table) => (table.name === change.of ? altered(table, change) : table)),
  };
}

function altered(table: TableShape, change: Exclude<Change, { gone: true }>): TableShape {
  if ('toggle' in change) {
    const rules = table[change.in];
    const without = rules.filter((rule) => rule !== change.toggle);
    return { ...table, [change.in]: without.length === rules.length ? [...rules, change.toggle] : without };
  }
  const { of: _, ...rest } = change;
  return 'more' in rest ? table : { ...table, ...rest };
}
