import type { Learning } from '../learning/learning.ts';
import type { Bound, SourceBounds } from './bounds.ts';
import type { Columns, DayColumnOf, LackableOf, NamesOf, PartitionsOf } from './columns.ts';
import type { Compute } from './compute.ts';
import type { Source } from './formats/formats.ts';
import type { StageName } from './stages.ts';

/** The whole table, new rows, or all rows of the keys that changed. */
export type Scope<Column extends string> = 'all' | 'new' | { readonly affected: Column };

export const affected = <const Column extends string>(column: Column): { readonly affected: Column } => ({
  affected: column,
});

/** A SQL predicate over the columns of the table that is read, or a check that the column's value occurs in another table. */
export type Rule<Column extends string> = string | { readonly column: Column; readonly isIn: string };

/** Rule name -> condition that a row must meet. */
export type Rules<Column extends string> = Readonly<Record<string, Rule<Column>>>;

export interface Read<Column extends string> {
  /**
   * `rows`: each becomes one output row; `aggregate`: each is counted into one output row; `lookup`: joined, not consumed.
   * @example use: 'rows'
   */
  readonly use: 'rows' | 'aggregate' | 'lookup';
  /**
   * The rows that a run reads: `all` (default), `new`, or `affected('key')`.
   * @default `all`
   * @example scope: affected('customer_id')
   */
  readonly scope?: Scope<Column>;
  /**
   * Rows that fail a rule are filtered out and counted under the first rule that they fail.
   * @default none
   * @example keep: { labelled: 'churn IS NOT NULL' }
   */
  readonly keep?: Rules<Column>;
  /**
   * Rows that fail a rule go to the quarantine table unchanged.
   * @default none
   * @example quarantine: { has_id: "trim(customer_id) <> ''" }
   */
  readonly quarantine?: Rules<Column>;
}

export interface Expectation {
  /**
   * An aggregate SQL condition, such as `count(*) > 0`.
   * @example sql: 'count(*) > 0'
   */
  readonly sql: string;
  /**
   * `error` (default): if it fails, nothing is committed. `warn`: if it fails, the run warns and continues.
   * @default `error`
   * @example severity: 'warn'
   */
  readonly severity?: 'error' | 'warn';
  /**
   * `batch` (default): the rows that this run commits; not judged if an incremental run has none, which the run reports. `table`: the whole
   * table after the commit.
   * @default `batch`
   * @example on: 'table'
   */
  readonly on?: 'batch' | 'table';
}

export interface Bounds<Column extends string> extends SourceBounds {
  /**
   * Column -> the share of its values that may be null. By default a warning if it rises by 0.2 above the share of the last runs.
   * @default a warning 0.2 above the share of the last runs
   * @example nulls: { city: { warn: 0.1, error: 0.3 } }
   */
  readonly nulls?: { readonly [N in Column]?: Bound };
  /**
   * The share of its rows that the table may lose in a rebuild. By default a warning above 0.5.
   * @default a warning above 0.5
   * @example fall: { warn: 0.1, error: 0.5 }
   */
  readonly fall?: Bound;
}

export interface Table<Reads, Column extends string> {
  /**
   * The layer of the table in the lake.
   * @example layer: 'silver'
   */
  readonly layer: 'silver' | 'gold' | 'feature';
  /**
   * A Spark SQL file beside the definition; upstream tables are visible under their own names.
   * @example sql: 'silver/customers_clean.sql'
   */
  readonly sql: string;
  /**
   * Source or table -> how its rows are used. The SQL may read only these.
   * @example reads: { customers: { use: 'rows' } }
   * @shape Record<string, Read>
   */
  readonly reads: Reads;
  /**
   * Key columns: one row per key is kept, which `latestBy` decides. Key columns may not be null.
   * @default none
   * @example key: ['customer_id']
   */
  readonly key?: readonly Column[];
  /**
   * Among rows with the same key, the row with the greatest values of these columns is kept. Without it, or if they are equal, one row is
   * kept, not always the latest; the run warns if the others have other values.
   * @default none
   * @example latestBy: ['updated_at']
   */
  readonly latestBy?: readonly Column[];
  /**
   * Columns that partition the table into folders, so that a reader of few values reads few files.
   * @default none
   * @example partitionBy: ['region_id']
   */
  readonly partitionBy?: readonly Column[];
  /**
   * Limits for quarantined rows, nulls and lost rows.
   * @default those of Bounds
   * @example bounds: { fall: 0.5 }
   */
  readonly bounds?: Bounds<Column>;
  /**
   * Aggregate SQL conditions that are checked before rows are committed.
   * @default none
   * @example expect: { some_rows: 'count(*) > 0' }
   */
  readonly expect?: Readonly<Record<string, string | Expectation>>;
}

interface ModelOptions<Features extends string, Column extends string> {
  /**
   * The feature table; it needs a key.
   * @example features: 'churn_features'
   */
  readonly features: Features;
  /**
   * The column to predict. Rows with a null label are scored, not used for training.
   * @example label: 'churn'
   */
  readonly label: Column;
  /**
   * The input columns; by default all columns except key and label.
   * @default every column but key and label
   * @example inputs: ['tenure_days', 'contacts']
   */
  readonly inputs?: readonly Column[];
  /**
   * Folds of the cross-validation that chooses a point of the grid, 2 to 20. Default `3`.
   * @default 3
   * @example folds: 5
   */
  readonly folds?: number;
  /**
   * The share of labelled rows that is held out, between 0 and 1. Default `0.2`.
   * @default 0.2
   * @example testShare: 0.3
   */
  readonly testShare?: number;
  /**
   * The same seed gives the same model. Default `42`.
   * @default 42
   * @example seed: 7
   */
  readonly seed?: number;
  /**
   * Name of the table for the scores of unlabelled rows.
   * @default none: no scores are written
   * @example predictions: 'scores'
   */
  readonly predictions?: string;
}

/** A model's general options, and the options of its objective and algorithm. */
export type Model<Features extends string, Column extends string> = ModelOptions<Features, Column> & Learning<Column>;

export interface Parameter {
  /**
   * The type that `--param` parses.
   * @example type: 'date'
   */
  readonly type: 'string' | 'date' | 'double' | 'bigint';
  /**
   * The default value.
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

/** The columns that a stream can be partitioned by: columns of its source. */
type StreamsOf<S> = {
  readonly [N in keyof S]: S[N] extends { stream: object; columns: infer C }
    ? { readonly stream: { readonly partitionBy?: DayColumnOf<C> } }
    : unknown;
};

/** The columns that files of a source may lack: its nullable columns. */
type LacksOf<S> = {
  readonly [N in keyof S]: S[N] extends { mayLack: readonly unknown[]; columns: infer C }
    ? { readonly mayLack: readonly LackableOf<C>[] }
    : unknown;
};

export interface Definition<S extends Record<string, Source>, T extends Record<string, Columns>> {
  /**
   * The name of the lake's folders and of deployed resources: a lower-case letter, then letters, digits or `_`.
   * @example name: 'churn'
   */
  readonly name: string;
  /**
   * Values that SQL and rules use as `:name`, set by `--param`.
   * @default none
   * @example parameters: { as_of: { type: 'date', default: '2025-01-01' } }
   * @shape Record<string, Parameter>
   */
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /**
   * Name -> files to read into a bronze table of that name.
   * @example sources: { logs: { format: 'text', path: 'logs/*.log', columns: ['line'] } }
   * @shape Record<string, Source>
   */
  readonly sources: S & NoInfer<StreamsOf<S> & LacksOf<S>>;
  /**
   * Name -> a table defined by SQL. Its `columns` are the contract: column -> type, with `?` for a nullable column.
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
   * Name -> a model that is trained on one of the tables.
   * @default none
   * @example models: { churn: { features: 'churn_features', label: 'churn', algorithm: 'gradient-boosted-trees' } }
   * @shape Record<string, Model>
   */
  readonly models?: Readonly<
    Record<string, { [N in keyof T & string]: Model<N, keyof NoInfer<T>[N] & string> }[keyof T & string]>
  >;
  /**
   * The compute of each stage in the cloud: `build` makes tables and trains, `predict` scores. With `train`, training is a separate stage after `build`.
   * @default Glue for each, training within `build`
   * @example compute: { build: 'glue', train: 'emr' }
   * @shape { build?: Compute; train?: Compute; predict?: Compute }
   */
  readonly compute?: { readonly [Stage in StageName]?: Compute };
}

/** A definition without its literal types, for the compiler. */
export type AnyDefinition = Definition<Record<string, Source>, Record<string, Columns>>;

/**
 * Defines a pipeline. Returns its argument unchanged; its types reject unknown tables, and keys, labels and scopes that are not
 * columns.
 */
export function definePipeline<const S extends Record<string, Source>, const T extends Record<string, Columns>>(
  definition: Definition<S, T>,
): Definition<S, T> {
  return definition;
}
