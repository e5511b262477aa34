import { difference, lastGood, liveAt, type PromotionEntry } from '../gate/promotions.ts';

/** A roll-back from the bad version to the one that will be live; or the reason for doing nothing. */
export type RollBack = { from: number; to: PromotionEntry } | { nothing: string };

/**
 * The roll-back for an alarm about a worse version. The alarm is about the version that was live when it fired. A training may have
 * replaced that version since; then the better of the new version and the last good one becomes live. `damaged` versions cannot score.
 */
export function rollBackOf(
  model: string,
  log: readonly PromotionEntry[],
  at: Date,
  damaged: readonly number[] = [],
): RollBack {
  const live = log.at(-1);
  if (live === undefined) return { nothing: `Nothing to roll ${model} back to: no version of it was ever live.` };
  const bad = liveAt(log, at);
  if (bad === undefined) {
    return {
      nothing: `Nothing is rolled back: no version of ${model} was live when the alarm fired, at ${at.toISOString()}.`,
    };
  }
  if (bad.version === live.version) {
    const good = lastGood(log, damaged);
    if (good !== undefined) return { from: live.version, to: good };
    const only = log.every(({ version }) => version === live.version);
    const other = damaged.length === 0 ? 'no other good version was ever live' : 'no other good version is whole';
    const why = only ? `v${live.version} is its first version` : other;
    return { nothing: `Nothing to roll ${model} back to: ${why}.` };
  }
  if (log.some(({ rollback, at: done }) => rollback?.from === bad.version && Date.parse(done) > at.getTime())) {
    return {
      nothing: `Nothing more is rolled back: v${bad.version} of ${model} was rolled back already, v${live.version} is live.`,
    };
  }
  const good = lastGood(log, [bad.version, ...damaged]);
  const above = good === undefined ? undefined : difference(log, live.version, good.version);
  // A live version that cannot be compared stays: the gate promoted it after the bad one.
  return { from: bad.version, to: good !== undefined && above !== undefined && above < 0 ? good : live };
}
