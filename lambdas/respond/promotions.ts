import type { Promotion } from '../quality/quality.ts';

/** A line of the promotion log, which only grows: the version with the greatest sequence is live. */
export interface PromotionEntry extends Promotion {
  /** 1, 2, 3, ... without a gap. */
  sequence: number;
}

/** The version to go back to: the newest that was live before and was not itself rolled back since. */
export function lastGood(log: readonly PromotionEntry[]): PromotionEntry | undefined {
  const live = log.at(-1);
  const bad = new Set<number>();
  for (const { version, rollback } of log) {
    if (rollback) bad.add(rollback.from);
    else bad.delete(version); // the gate judged it anew
  }
  return log.findLast(({ version }) => version !== live?.version && !bad.has(version));
}
