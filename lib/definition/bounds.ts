import * as z from 'zod';

/** A share, 0 to 1, above which it is a warning, and one above which it is an error and nothing is committed. A number alone is an error. */
export type Bound = number | { readonly warn?: number; readonly error?: number };

export interface SourceBounds {
  /**
   * The share of the rows read that may be quarantined. A warning above three times the share of the last runs (above 0.02 where there were
   * none), an error above 0.5, and where everything is read anew and all of it is quarantined.
   * @default see the text
   * @example quarantined: { warn: 0.05, error: 0.5 }
   */
  readonly quarantined?: Bound;
  /**
   * Fewer quarantined rows than this are no error, however large their share; 100 unless told.
   * @default 100
   * @example atLeast: 1000
   */
  readonly atLeast?: number;
}

const share = z.number().min(0).max(1);

export const bound = z.union([share, z.strictObject({ warn: share.optional(), error: share.optional() })]);

export const sourceBounds = { quarantined: bound.optional(), atLeast: z.int().nonnegative().optional() };
