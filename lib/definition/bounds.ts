import * as z from 'zod';

/** Shares from 0 to 1: above `warn` there is a warning; above `error` the task fails and commits nothing. A plain number is the `error` share. */
export type Bound = number | { readonly warn?: number; readonly error?: number };

export interface SourceBounds {
  /**
   * The share of the rows read that may be quarantined. By default a warning above three times the share of the last runs (above 0.02
   * without earlier runs), and an error above 0.5, or if a full read is quarantined completely.
   * @default see the text
   * @example quarantined: { warn: 0.05, error: 0.5 }
   */
  readonly quarantined?: Bound;
  /**
   * Fewer quarantined rows than this are never an error, even if their share is large.
   * @default 100
   * @example atLeast: 1000
   */
  readonly atLeast?: number;
}

const share = z.number().min(0).max(1);

export const bound = z.union([share, z.strictObject({ warn: share.optional(), error: share.optional() })]);

export const sourceBounds = { quarantined: bound.optional(), atLeast: z.int().nonnegative().optional() };
