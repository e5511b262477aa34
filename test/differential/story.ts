import type { KeyType } from './key-types.ts';

/** A story is plain data, so that it can be printed, kept and made smaller: a pipeline, and what happens to it day by day. */
export interface Story {
  seed: number;
  pipeline: PipelineShape;
  days: Day[];
}

export interface PipelineShape {
  sources: SourceShape[];
  tables: TableShape[];
}

/** Every source has the same columns; `id` is of a type of its choice. A csv holds all of them as text. */
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
   * `clean`: rows of one or two sources. `pass`: rows of one or two tables. `totals`: rows of a source or table counted by a column.
   * `features`: rows of a keyed table with what another counts for them.
   */
  kind: 'clean' | 'pass' | 'totals' | 'features';
  from: string[];
  /** A keyed table that rows are joined to by `id`. */
  lookup?: string;
  scopes: Record<string, ScopeShape>;
  /** Of text: whether the key is trimmed on its way. */
  trim: boolean;
  /** What `totals` group by. */
  by: 'id' | 'g';
  key: string[];
  latestBy: string[];
  partitionBy: string[];
  keep: RuleShape[];
  quarantine: RuleShape[];
  /** A number in the SQL. */
  constant: number;
}

/** `known`: the id is one of the lookup's. `cut` and `before` depend on parameters. */
export type RuleShape = 'has_id' | 'small' | 'cut' | 'before' | 'known';

export type Cell = null | string | number | boolean;
/** A record as the columns id, g, v, at, note, more; or text that is no record. */
export type Row = Cell[] | { broken: string };

export type Edit =
  | { do: 'write'; source: string; file: string; rows: Row[] }
  | { do: 'add'; source: string; file: string; rows: Row[] }
  /** The file as it was before its last change. */
  | { do: 'put back'; source: string; file: string }
  | { do: 'copy'; source: string; file: string; to: string }
  | { do: 'empty'; source: string; file: string }
  | { do: 'header only'; source: string; file: string }
  | { do: 'touch'; source: string; file: string }
  | { do: 'delete'; source: string; file: string }
  | { do: 'rename'; source: string; file: string; to: string };

/** A change of the definition, of a table or source that may not be there any more: then it changes nothing. */
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
  /** Folders below the root that vanish before the run: of a table, of its quarantine, `state` or `runs`. */
  lost: string[];
  parameters: Record<string, string | number>;
  force: string[];
  /** Rows of files that are gone stay, and the user leaves them so; otherwise they are withdrawn before the day ends. */
  keepGone?: true;
  /** Where the engine dies, and what comes after: the stage is tried again, the run is aborted, or nothing at all. */
  kill?: { seam: number; after: 'retry' | 'abort' | 'vanish' };
}
