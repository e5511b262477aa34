import { judgedByNames } from '../learning/learning.ts';
import type { Promotion } from './ports.ts';
import { rolledBack } from './twins.ts';

/** A line of the promotion log, which is append-only: the version with the highest sequence is live. */
export interface PromotionEntry extends Promotion {
  /** 1, 2, 3, ... without gaps. */
  sequence: number;
}

/**
 * The metric and value of a stored entry. Entries written before `metric` existed have the value under the metric's name. Undefined if it
 * has neither.
 */
export function judgedIn(entry: Readonly<Record<string, unknown>>): Pick<Promotion, 'metric' | 'value'> | undefined {
  const found = typeof entry['metric'] === 'string' ? entry['metric'] : undefined;
  const metric = found ?? judgedByNames.find((name) => name in entry);
  if (metric === undefined) return undefined;
  return { metric, value: Number(found === undefined ? entry[metric] : entry['value']) };
}

/** The version to roll back to: the newest earlier live version that was not itself rolled back and is none of `not`. */
export function lastGood<T extends Promotion>(log: readonly T[], not: Iterable<number> = []): T | undefined {
  const live = log.at(-1);
  const worse = new Set([...rolledBack(log), ...not]);
  return log.findLast(({ version }) => version !== live?.version && !worse.has(version));
}

/** The version that was live at a time; undefined before the first promotion. */
export const liveAt = <T extends Promotion>(log: readonly T[], at: Date): T | undefined =>
  log.findLast((entry) => Date.parse(entry.at) <= at.getTime());

/**
 * How much better one version is than another on the same rows: from their comparison, or through versions between them. Undefined
 * if they are not connected.
 */
export function difference(log: readonly Promotion[], newer: number, older: number): number | undefined {
  const steps = new Map<number, Map<number, number>>();
  for (const { version, compared = [] } of log) {
    for (const { against, difference: above } of compared) {
      steps.set(version, (steps.get(version) ?? new Map<number, number>()).set(against, above));
    }
  }
  const direct = steps.get(newer)?.get(older);
  if (direct !== undefined) return direct;
  // A version is only compared with older ones, so each step goes to a lower number.
  for (const [between, above] of steps.get(newer) ?? []) {
    const rest = between < newer ? difference(log, between, older) : undefined;
    if (rest !== undefined) return above + rest;
  }
  return undefined;
}
