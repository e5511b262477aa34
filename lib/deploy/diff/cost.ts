import { type Forecast, forecast } from '../../cost/forecast.ts';
import type { Question } from '../../cost/question.ts';

/** Expected USD per month of one pipeline; `before` is absent if it was not deployed, `after` if it is removed. */
export interface CostChange {
  pipeline: string;
  before?: number;
  after?: number;
  /** Items that differ by a cent or more, largest difference first. */
  items: { what: string; before: number; after: number }[];
  /** New warnings of the forecast. */
  warnings: Forecast['warnings'];
}

/** Monthly forecasts before and after, for the same input. */
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
