import type { Accounting } from '../documents/run-document.ts';

/** The possible outcomes of a row, in the order of the page. */
export const fates = ['written', 'aggregated', 'deduplicated', 'filtered', 'quarantined'] as const;
export type Fate = (typeof fates)[number];

export function rowsOf(accounting: Accounting, fate: Fate): number {
  const rows = accounting[fate];
  return typeof rows === 'number' ? rows : sum(Object.values(rows));
}

/** Rows read without an outcome; negative if there are more outcomes than rows read. */
export function gapOf(accounting: Accounting): number {
  return accounting.read - sum(fates.map((fate) => rowsOf(accounting, fate)));
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
