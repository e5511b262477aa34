import { type Forecast, forecast } from '../../cost/forecast.ts';
import type { Question } from '../../cost/question.ts';

/** A month of one pipeline in USD, expected; `before` is absent where it was not deployed, `after` where it no longer is. */
export interface CostChange {
  pipeline: string;
  before?: number;
  after?: number;
  /** Items that differ by a cent or more, the largest difference first. */
  items: { what: string; before: number; after: number }[];
  /** Warnings of the forecast that the change brings. */
  warnings: Forecast['warnings'];
}

/** The forecasts of a month before and after, for the same input. */
export function costChange(pipeline: string, before: Question | undefined, after: Question | undefined): CostChange {
  const [old, now] = [before && forecast(before), after && forecast(after)];
  const usd = (found: Forecast | undefined, what: string) =>
    (found?.month.items ?? []).filter((item) => item.what === what).reduce((sum, item) => sum + item.usd.expected, 0);
  const names = [...new Set([...(old?.month.items ?? []), ...(now?.month.items ?? [])].map((item) => item.what))];
  const items = names
    .map((what) => ({ what, before: usd(old, what), after: usd(now, what) }))
    .filter((item) => Math.abs(item.after - item.before) >= 0.01)
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
  const known = new Set((old?.warnings ?? []).map((issue) => issue.code + issue.path));
  return {
    pipeline,
    ...(old && { before: old.month.expected }),
    ...(now && { after: now.month.expected }),
    items,
    warnings: (now?.warnings ?? []).filter((issue) => !known.has(issue.code + issue.path)),
  };
}
