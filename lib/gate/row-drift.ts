import type { Dossier, Review } from '../documents/model.ts';
import { significantDrift } from '../metrics/names.ts';
import { driftBetween } from './drift.ts';

export interface RowDrift {
  /** The version that the rows are compared with. */
  against: number;
  /** Rows that this version has not seen; absent if all rows of the candidate were compared. */
  rows?: number;
  /** At most ten features, largest population stability index first. */
  features: { feature: string; psi: number }[];
  /** Stability index of the scores. */
  scores: number;
}

/** Few people look at more, and the verdict is part of the state machine's payload. */
const mostFeatures = 10;

/**
 * Drift from the rows that the previous version learned from: of the new rows, as the training's review recorded them; without a
 * review, of all rows of the candidate. Undefined if there are too few new rows or nothing to compare them with.
 */
export function rowDrift(
  before: { version: number; dossier: Dossier | undefined },
  review: Review | undefined,
  candidate: Dossier | undefined,
): RowDrift | undefined {
  const fits = review !== undefined && review.against === before.version;
  const now = fits ? review.distribution : candidate?.distribution;
  if (now === undefined || before.dossier?.distribution === undefined) return undefined;
  const { features, scores } = driftBetween(before.dossier.distribution, now);
  const rows = fits ? { rows: review.new_rows } : {};
  return { against: before.version, ...rows, features: features.slice(0, mostFeatures), scores };
}

/** A phrase on significant drift, to append to a reason. */
export function driftPhrase(drift: RowDrift | undefined): string {
  const [most] = drift?.features ?? [];
  if (drift === undefined || most === undefined || most.psi < significantDrift) return '';
  const rows = drift.rows === undefined ? '' : ` over ${drift.rows.toLocaleString('en-US')} new rows`;
  return `; ${most.feature} has drifted since v${drift.against} (PSI ${most.psi.toFixed(2)}${rows})`;
}
