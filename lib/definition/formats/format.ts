import type * as z from 'zod';
import type { Issue } from '../../errors.ts';
import type { PlannedColumn } from '../columns.ts';

/**
 * How the files of a source are written: all that TypeScript knows of it, one record each in this folder. Its reader and how its
 * records are counted are in `glue-scripts/engine/readers/formats.py`.
 */
export interface Format<Asked, Planned> {
  name: string;
  /** A source of a definition. */
  asked: z.ZodType<Asked>;
  /** What the plan says of it beside path and columns: its options, those left out by their defaults. */
  planned: z.ZodType<Planned>;
  /** An option without a default is absent from the plan where a source leaves it out. */
  defaults: Readonly<Partial<Planned>>;
  /** The columns that its files hold. */
  columns: (asked: Asked) => PlannedColumn[];
  /** What a schema can't see. */
  issues: (asked: Asked) => FormatIssue[];
  /** How files end that a stream lands; absent where no stream can. Its sources and plan then have `stream`. */
  landed?: string;
  /** How files end that `discover` takes for it, where no format before it in the list does. */
  endings: readonly string[];
  /** How `discover` writes its columns: names alone, or name -> type. */
  proposes: 'names' | 'types';
}

export interface FormatIssue extends Pick<Issue, 'code' | 'message'> {
  /** Option or column, as `.columns.id`. */
  at: string;
  hint: string;
}

/** Names alone are strings, of which an empty cell is null. */
export const asStrings = (names: readonly string[]): PlannedColumn[] =>
  names.map((name) => ({ name, type: 'string', nullable: true }));
