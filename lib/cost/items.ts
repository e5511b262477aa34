import type { TaskKind } from '../plan/task-kinds.ts';
import type { Range } from './range.ts';

export type ItemKind = TaskKind | 'start' | 'orchestration' | 'requests' | 'logs' | 'storage' | 'fixed' | 'stream';

/** One line of a forecast. */
export interface Item {
  /** Stable id, such as `glue.build.train_churn`; the same in a run and in a month. */
  id: string;
  kind: ItemKind;
  what: string;
  /** The quantity as text: `181 s x 5 DPU`. */
  detail: string;
  usd: Range;
}

/** Items with their sum: `low`, `expected` and `high` are the sums of the items'. */
export interface Spend extends Range {
  items: Item[];
}

/** Sums the items; keeps their order. */
export function spend(items: readonly Item[]): Spend {
  const sum = (level: keyof Range) => items.reduce((total, item) => total + item.usd[level], 0);
  return { low: sum('low'), expected: sum('expected'), high: sum('high'), items: [...items] };
}

/** The `n` most expensive items, in stable order. */
export const dearest = (items: readonly Item[], n: number): Item[] =>
  [...items].sort((one, other) => other.usd.expected - one.usd.expected).slice(0, n);
