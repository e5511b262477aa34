import { type Range, ranged } from './range.ts';

/**
 * The share of a table's partitions that some rows fall into, when they are spread over them evenly: of 50 regions, 20 new
 * customers touch a third, 1,000 touch all. So pruning helps small runs and many partitions, and this says when it does not.
 */
export function touchedShare(partitions: number, rows: Range): Range {
  const missed = 1 - 1 / Math.max(1, partitions);
  return ranged((level) => 1 - missed ** rows[level]);
}

/** Rows below which a partition is too small to be worth its files. */
export const leastRowsPerPartition = 10_000;
