import type { KeyType } from './key-types.ts';

/** A story is a pipeline and what happens to it day by day. It is plain data, so that it can be printed, stored and shrunk. */
export interface Story {
  seed: number;
  pipeline: PipelineShape;
  days: Day[];
}

export interface PipelineShape {
  sources: SourceShape[];
  tables: TableShape[];
}

/** Every source has the same columns; only the type of `id` varies. A csv holds all of them as text. */
export interface SourceShape {
  name: string;
  format: 'csv' | 'json' | 'parquet';
  id: KeyType;
  /** Whether the definition lists the column `more`, which every file has. */
  more: boolean;
}

export type ScopeShape = 'all' | 'new' | 'affected:id' | 'affected:g';

export interface TableShape {
  name: string;
  /**
   * `clean`: rows of one or two sources. `pass`: rows of one or two tables. `totals`: rows of a source or table, counted by a column.
   * `features`: rows of a keyed table with the counts of another table.
   */
  kind: 'clean' | 'pass' | 'totals' | 'features';
  from: string[];
  /** A keyed table, joined by `id`. */
  lookup?: string;
  scopes: Record<string, ScopeShape>;
  /** Whether a text key is trimmed. */
  trim: boolean;
  /** The column by which `totals` are grouped. */
  by: 'id' | 'g';
  key: string[];
  latestBy: string[];
  partitionBy: string[];
  keep: RuleShape[];
  quarantine: RuleShape[];
  /** A number in the SQL. */
  constant: number;
}

/** `known`: the id is in the lookup table. `cut` and `before` depend on parameters. */
export type RuleShape = 'has_id' | 'small' | 'cut' | 'before' | 'known';

export type Cell = null | string | number | boolean;
/** A record with the columns id, g, v, at, note, more; or text that is not a valid record. */
export type Row = Cell[] | { broken: string };

export type Edit =
  | { do: 'write'; source: string; file: string; rows: Row[] }
  | { do: 'add'; source: string; file: string; rows: Row[] }
  /** The file before its last change. */
  | { do: 'put back'; source: string; file: string }
  | { do: 'copy'; source: string; file: string; to: string }
  | { do: 'empty'; source: string; file: string }
  | { do: 'header only'; source: string; file: string }
  | { do: 'touch'; source: string; file: string }
  | { do: 'delete'; source: string; file: string }
  | { do: 'rename'; source: string; file: string; to: string };

/** A change of the definition. It does nothing if its table or source is gone. */
export type Change =
  | { of: string; constant: number }
  | { of: string; toggle: RuleShape; in: 'keep' | 'quarantine' }
  | { of: string; key: string[] }
  | { of: string; latestBy: string[] }
  | { of: string; partitionBy: string[] }
  | { of: string; scopes: Record<string, ScopeShape> }
  | { of: string; more: boolean }
  | { of: string; gone: true };

export interface Day {
  edits: Edit[];
  changes: Change[];
  /** Folders below the root that are removed before the run: a table, its quarantine, `state` or `runs`. */
  lost: string[];
  parameters: Record<string, string | number>;
  force: string[];
  /** Rows of removed files stay if true; otherwise they are withdrawn before the day ends. */
  keepGone?: true;
  /** Where the engine dies, and what follows: a retry of the stage, an abort of the run, or nothing. */
  kill?: { seam: number; after: 'retry' | 'abort' | 'vanish' };
}
