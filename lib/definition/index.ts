export type { Columns, ColumnSpec, Source } from './columns.ts';
export { type AnyDefinition, affected, type Definition, definePipeline } from './pipeline.ts';
