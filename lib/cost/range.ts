/** An uncertain figure: low <= expected <= high. */
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

/** Multiplies level by level. */
export const times = (range: Range, factor: number | Range): Range =>
  ranged((level) => range[level] * (typeof factor === 'number' ? factor : factor[level]));

/** The smaller of the two, level by level. */
export const atMost = (range: Range, limit: Range): Range => ranged((level) => Math.min(range[level], limit[level]));

/**
 * USD as text: whole dollars from 1,000, cents from 1, and enough digits for smaller amounts. Only text is rounded; figures
 * never are.
 */
export function usd(amount: number): string {
  if (amount >= 1000) return `$${Math.round(amount).toLocaleString('en-US')}`;
  if (amount >= 1 || amount === 0) return `$${amount.toFixed(2)}`;
  return amount < 0.0001 ? '<$0.0001' : `$${amount.toFixed(amount < 0.01 ? 4 : 3)}`;
}
