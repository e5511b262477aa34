import { objectives } from '../learning/learning.ts';
import type { Promotion } from './ports.ts';
import { rolledBack } from './twins.ts';

/** A line of the promotion log, which only grows: the version with the greatest sequence is live. */
export interface PromotionEntry extends Promotion {
  /** 1, 2, 3, ... without a gap. */
  sequence: number;
}

/**
 * What a version was judged by, from an entry as it is kept. Entries of before `metric` have the figure under its own name, as
 * `auc: 0.84`. Undefined where it has neither.
 */
export function judgedIn(entry: Readonly<Record<string, unknown>>): Pick<Promotion, 'metric' | 'value'> | undefined {
  const found = typeof entry['metric'] === 'string' ? entry['metric'] : undefined;
  const metric = found ?? Object.values(objectives).find(({ judgedBy }) => judgedBy.metric in entry)?.judgedBy.metric;
  if (metric === undefined) return undefined;
  return { metric, value: Number(found === undefined ? entry[metric] : entry['value']) };
}

/** The version to go back to: the newest that was live before and was not itself rolled back since. `bad` is none either. */
export function lastGood<T extends Promotion>(log: readonly T[], bad?: number): T | undefined {
  const live = log.at(-1);
  const worse = new Set([...rolledBack(log), ...(bad === undefined ? [] : [bad])]);
  return log.findLast(({ version }) => version !== live?.version && !worse.has(version));
}

/** What was live at a time; undefined before the first promotion. */
export const liveAt = <T extends Promotion>(log: readonly T[], at: Date): T | undefined =>
  log.findLast((entry) => Date.parse(entry.at) <= at.getTime());

/**
 * By how much one version is better than another on the same rows: as they were compared, or by way of versions between
 * them. Undefined where nothing tells.
 */
export function difference(log: readonly Promotion[], of: number, from: number): number | undefined {
  const steps = new Map<number, Map<number, number>>();
  for (const { version, compared = [] } of log) {
    for (const { against, difference: above } of compared) {
      steps.set(version, (steps.get(version) ?? new Map<number, number>()).set(against, above));
    }
  }
  const direct = steps.get(of)?.get(from);
  if (direct !== undefined) return direct;
  // A version was compared with older ones only, so each step leads down.
  for (const [between, above] of steps.get(of) ?? []) {
    const rest = between < of ? difference(log, between, from) : undefined;
    if (rest !== undefined) return above + rest;
  }
  return undefined;
}
