import type { Learning } from '../learning/learning.ts';
import type { Bound, SourceBounds } from './bounds.ts';
import type { Columns, DayColumnOf, LackableOf, NamesOf, PartitionsOf } from './columns.ts';
import type { Compute } from './compute.ts';
import type { Source } from './formats/formats.ts';
import type { StageName } from './stages.ts';

/** Whole table, rows of this run, or all rows of the keys that this run touched. */
export type Scope<Column extends string> = 'all' | 'new' | { readonly affected: Column };

export const affected = <const Column extends string>(column: Column): { readonly affected: Column } => ({
  affected: column,
});

/** A SQL predicate over the columns of the table that is read, or: the column's value occurs in that other table. */
export type Rule<Column extends string> = string | { readonly column: Column; readonly isIn: string };

/** Rule name -> what must hold for a row to pass. */
export type Rules<Column extends string> = Readonly<Record<string, Rule<Column>>>;

export interface Read<Column extends string> {
  /**
   * `rows`: each becomes one output row; `aggregate`: each is counted into one; `lookup`: joined to, not consumed.
   * @example use: 'rows'
   */
  readonly use: 'rows' | 'aggregate' | 'lookup';
  /**
   * Which rows a run reads: `all` unless told, `new`, or `affected('key')`.
   * @default `all`
   * @example scope: affected('customer_id')
   */
  readonly scope?: Scope<Column>;
  /**
   * Rows that fail are filtered, and counted under the first rule they fail.
   * @default none
   * @example keep: { labelled: 'churn IS NOT NULL' }
   */
  readonly keep?: Rules<Column>;
  /**
   * Rows that fail go to the quarantine table as they were read.
   * @default none
   * @example quarantine: { has_id: "trim(customer_id) <> ''" }
   */
  readonly quarantine?: Rules<Column>;
}

export interface Expectation {
  /**
   * Aggregate SQL that must be true, as `count(*) > 0`.
   * @example sql: 'count(*) > 0'
   */
  readonly sql: string;
  /**
   * `error`, the default, commits nothing where it does not hold; `warn` says so and goes on.
   * @default `error`
   * @example severity: 'warn'
   */
  readonly severity?: 'error' | 'warn';
  /**
   * `batch`, the default: the rows that this run is to commit. It is not judged where an incremental run has none, and the run says so.
   * `table`: the whole table as the commit will leave it.
   * @default `batch`
   * @example on: 'table'
   */
  readonly on?: 'batch' | 'table';
}

export interface Bounds<Column extends string> extends SourceBounds {
  /**
   * Column -> the share of its values that may be null. A warning where it rises by 0.2 above that of the last runs, unless told.
   * @default a warning 0.2 above the share of the last runs
   * @example nulls: { city: { warn: 0.1, error: 0.3 } }
   */
  readonly nulls?: { readonly [N in Column]?: Bound };
  /**
   * The share of its rows that the table may lose when it is made anew; a warning above 0.5 unless told.
   * @default a warning above 0.5
   * @example fall: { warn: 0.1, error: 0.5 }
   */
  readonly fall?: Bound;
}

export interface Table<Reads, Column extends string> {
  /**
   * Where the table lies in the lake.
   * @example layer: 'silver'
   */
  readonly layer: 'silver' | 'gold' | 'feature';
  /**
   * A Spark SQL file beside the definition; upstream tables are visible under their own names.
   * @example sql: 'silver/customers_clean.sql'
   */
  readonly sql: string;
  /**
   * Source or table -> how its rows are used. The SQL may read these and no others.
   * @example reads: { customers: { use: 'rows' } }
   * @shape Record<string, Read>
   */
  readonly reads: Reads;
  /**
   * Columns that name a row: one row a key is kept. None of them may be null.
   * @default none
   * @example key: ['customer_id']
   */
  readonly key?: readonly Column[];
  /**
   * Among rows of one key, the one with the greatest of these wins.
   * @default none
   * @example latestBy: ['updated_at']
   */
  readonly latestBy?: readonly Column[];
  /**
   * Columns whose values are folders of the table, so that a reader of few of them reads few files.
   * @default none
   * @example partitionBy: ['region_id']
   */
  readonly partitionBy?: readonly Column[];
  /**
   * What may be quarantined, null or missing before it is a warning or an error.
   * @default those of Bounds
   * @example bounds: { fall: 0.5 }
   */
  readonly bounds?: Bounds<Column>;
  /**
   * Aggregate SQL that must be true before rows are committed.
   * @default none
   * @example expect: { some_rows: 'count(*) > 0' }
   */
  readonly expect?: Readonly<Record<string, string | Expectation>>;
}

interface ModelOptions<Features extends string, Column extends string> {
  /**
   * The table to learn from; it needs a key.
   * @example features: 'churn_features'
   */
  readonly features: Features;
  /**
   * The column to predict. Rows where it is null are scored, not learned from.
   * @example label: 'churn'
   */
  readonly label: Column;
  /**
   * Every column but key and label unless told.
   * @default every column but key and label
   * @example inputs: ['tenure_days', 'contacts']
   */
  readonly inputs?: readonly Column[];
  /**
   * Parts of the cross-validation by which a point of the grid is chosen, 2 to 20. `3` unless told.
   * @default 3
   * @example folds: 5
   */
  readonly folds?: number;
  /**
   * The share of labelled rows that is held out, between 0 and 1. `0.2` unless told.
   * @default 0.2
   * @example testShare: 0.3
   */
  readonly testShare?: number;
  /**
   * The same seed gives the same model. `42` unless told.
   * @default 42
   * @example seed: 7
   */
  readonly seed?: number;
  /**
   * Name of the table the unlabelled rows' scores are written to.
   * @default none: no scores are written
   * @example predictions: 'scores'
   */
  readonly predictions?: string;
}

/** What it learns from and how it is judged, and beside that the options of its objective and of its algorithm. */
export type Model<Features extends string, Column extends string> = ModelOptions<Features, Column> & Learning<Column>;

export interface Parameter {
  /**
   * How `--param` reads its text.
   * @example type: 'date'
   */
  readonly type: 'string' | 'date' | 'double' | 'bigint';
  /**
   * Its value where a run is given none.
   * @example default: '2025-06-30'
   */
  readonly default: string | number;
}

type ColumnsOf<S, T, N> = N extends keyof S
  ? S[N] extends { columns: infer C }
    ? NamesOf<C> | PartitionsOf<S[N]>
    : never
  : N extends keyof T
    ? keyof T[N] & string
    : never;

type ReadsOf<S, T, Self> = {
  readonly [N in (keyof S | Exclude<keyof T, Self>) & string]?: Read<ColumnsOf<S, T, N>>;
};

/** What a stream may be partitioned by: columns of its own source. */
type StreamsOf<S> = {
  readonly [N in keyof S]: S[N] extends { stream: object; columns: infer C }
    ? { readonly stream: { readonly partitionBy?: DayColumnOf<C> } }
    : unknown;
};

/** What the files of a source may lack: columns of that source that may be null. */
type LacksOf<S> = {
  readonly [N in keyof S]: S[N] extends { mayLack: readonly unknown[]; columns: infer C }
    ? { readonly mayLack: readonly LackableOf<C>[] }
    : unknown;
};

export interface Definition<S extends Record<string, Source>, T extends Record<string, Columns>> {
  /**
   * Names the folders of the lake, and what is deployed: a lower-case letter, then letters, digits or `_`.
   * @example name: 'churn'
   */
  readonly name: string;
  /**
   * Values that SQL and rules name as `:name`, set by `--param`.
   * @default none
   * @example parameters: { as_of: { type: 'date', default: '2025-01-01' } }
   * @shape Record<string, Parameter>
   */
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /**
   * Name -> files to read, each into a bronze table of that name.
   * @example sources: { logs: { format: 'text', path: 'logs/*.log', columns: ['line'] } }
   * @shape Record<string, Source>
   */
  readonly sources: S & NoInfer<StreamsOf<S> & LacksOf<S>>;
  /**
   * Name -> a table made by SQL. Its `columns` are the contract: column -> type, with `?` where it may be null.
   * @example tables: { customers_clean: { layer: 'silver', sql: 'silver/customers_clean.sql', reads: { customers: { use: 'rows' } }, columns: { id: 'string', city: 'string?' } } }
   * @shape Record<string, Table & { columns: Columns }>
   */
  readonly tables: {
    readonly [N in keyof T]: { readonly columns: T[N] } & Table<
      NoInfer<ReadsOf<S, T, N>>,
      NoInfer<keyof T[N] & string>
    >;
  };
  /**
   * Name -> a model that learns from one of the tables.
   * @default none
   * @example models: { churn: { features: 'churn_features', label: 'churn', algorithm: 'gradient-boosted-trees' } }
   * @shape Record<string, Model>
   */
  readonly models?: Readonly<
    Record<string, { [N in keyof T & string]: Model<N, keyof NoInfer<T>[N] & string> }[keyof T & string]>
  >;
  /**
   * Where each stage runs in the cloud: `build` makes tables and trains, `predict` scores. With `train`, training is a stage after `build`.
   * @default Glue for each, training within `build`
   * @example compute: { build: 'glue', train: 'emr' }
   * @shape { build?: Compute; train?: Compute; predict?: Compute }
   */
  readonly compute?: { readonly [Stage in StageName]?: Compute };
}

/** What the compiler takes once literal types have done their work. */
export type AnyDefinition = Definition<Record<string, Source>, Record<string, Columns>>;

/**
 * Describes a pipeline. Returns what it was given: its worth is in the types, which refuse a table that is not there and a
 * key, label or scope that is not a column.
 */
export function definePipeline<const S extends Record<string, Source>, const T extends Record<string, Columns>>(
  definition: Definition<S, T>,
): Definition<S, T> {
  return definition;
}
