/** A figure that is not known exactly: low <= expected <= high. */
export interface Range {
  low: number;
  expected: number;
  high: number;
}

export const levels = ['low', 'expected', 'high'] as const;
export type Level = (typeof levels)[number];

export const exactly = (value: number): Range => ({ low: value, expected: value, high: value });

/** One range from a function of the level. */
export const ranged = (at: (level: Level) => number): Range => ({
  low: at('low'),
  expected: at('expected'),
  high: at('high'),
});

export const plus = (...ranges: readonly Range[]): Range =>
  ranged((level) => ranges.reduce((sum, range) => sum + range[level], 0));

/** Both factors at the same level: what is dear is dear in each. */
export const times = (range: Range, factor: number | Range): Range =>
  ranged((level) => range[level] * (typeof factor === 'number' ? factor : factor[level]));

/** The lesser of the two, level by level. */
export const atMost = (range: Range, limit: Range): Range => ranged((level) => Math.min(range[level], limit[level]));

/**
 * USD for a reader: whole dollars from 1,000 on, cents from 1 on, and as many digits as show something below. Only text is
 * rounded; figures never are.
 */
export function usd(amount: number): string {
  if (amount >= 1000) return `$${Math.round(amount).toLocaleString('en-US')}`;
  if (amount >= 1 || amount === 0) return `$${amount.toFixed(2)}`;
  return amount < 0.0001 ? '<$0.0001' : `$${amount.toFixed(amount < 0.01 ? 4 : 3)}`;
}
