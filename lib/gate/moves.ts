import type { Dossier, Review } from '../documents/model.ts';
import { driftThatMatters } from '../metrics/names.ts';
import { driftBetween } from './drift.ts';

export interface Moves {
  /** The version that the rows are compared with. */
  against: number;
  /** New rows, which that version has not seen; absent where all rows of the candidate were compared. */
  rows?: number;
  /** The features that moved most, the greatest population stability index first, ten at most. */
  features: { feature: string; psi: number }[];
  /** Stability index of the scores. */
  scores: number;
}

/** More are seldom looked at, and a verdict travels in the state of the run. */
const mostFeatures = 10;

/**
 * How far rows are from those that the version before learned from: the new rows as the training found them, before it learned; where
 * it left no review, all rows of the candidate. Undefined where there are too few new rows, or nothing to compare them with.
 */
export function movesSince(
  before: { version: number; dossier: Dossier | undefined },
  review: Review | undefined,
  candidate: Dossier | undefined,
): Moves | undefined {
  const fits = review !== undefined && review.against === before.version;
  const now = fits ? review.distribution : candidate?.distribution;
  if (now === undefined || before.dossier?.distribution === undefined) return undefined;
  const { features, scores } = driftBetween(before.dossier.distribution, now);
  const rows = fits ? { rows: review.new_rows } : {};
  return { against: before.version, ...rows, features: features.slice(0, mostFeatures), scores };
}

/** What a person should know of a drift, as the end of a reason. */
export function movesText(moves: Moves | undefined): string {
  const [most] = moves?.features ?? [];
  if (moves === undefined || most === undefined || most.psi < driftThatMatters) return '';
  const rows = moves.rows === undefined ? '' : ` over ${moves.rows.toLocaleString('en-US')} new rows`;
  return `; ${most.feature} has drifted since v${moves.against} (PSI ${most.psi.toFixed(2)}${rows})`;
}
