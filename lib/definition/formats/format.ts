import type * as z from 'zod';
import type { Issue } from '../../errors.ts';
import type { PlannedColumn } from '../columns.ts';

/**
 * A source format: everything that TypeScript knows about it, one record per format in this folder. Its reader and its record counter
 * are in `glue-scripts/engine/readers/formats.py`.
 */
export interface Format<Options, Planned> {
  name: string;
  /** Schema of a source in a definition. */
  options: z.ZodType<Options>;
  /** Schema of its options in the plan, with defaults, in addition to path and columns. */
  planned: z.ZodType<Planned>;
  /** An option without a default is absent from the plan if the source does not set it. */
  defaults: Readonly<Partial<Planned>>;
  /** The columns of its files. */
  columns: (options: Options) => PlannedColumn[];
  /** Checks that a schema cannot express. */
  issues: (options: Options) => FormatIssue[];
  /** Ending of files that a stream lands; absent if streams do not support the format. If set, sources and plan have `stream`. */
  landed?: string;
  /** File endings for `discover`; earlier formats in the list take precedence. */
  endings: readonly string[];
  /** Whether `discover` proposes column names alone, or name -> type. */
  proposes: 'names' | 'types';
}

export interface FormatIssue extends Pick<Issue, 'code' | 'message'> {
  /** Option or column, such as `.columns.id`. */
  at: string;
  hint: string;
}

/** Columns given by name alone are nullable strings; an empty cell is null. */
export const asStrings = (names: readonly string[]): PlannedColumn[] =>
  names.map((name) => ({ name, type: 'string', nullable: true }));
