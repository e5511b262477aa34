export type { ColumnSpec, Columns, Source } from './columns.ts';
export { type AnyDefinition, affected, type Definition, definePipeline } from './pipeline.ts';
