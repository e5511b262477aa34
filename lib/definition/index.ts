export type { ColumnSpec, Columns } from './columns.ts';
export type { Source } from './formats/formats.ts';
export { type AnyDefinition, affected, type Definition, definePipeline } from './pipeline.ts';
