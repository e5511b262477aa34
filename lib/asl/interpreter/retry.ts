import type { Retrier } from '../machine.ts';
import { matches } from './errors.ts';

/** Seconds to wait before another try, or undefined where no retrier has one left. Each retrier counts its own tries. */
export function nextDelay(
  retriers: readonly Retrier[],
  used: number[],
  error: string,
  random: () => number,
): number | undefined {
  const index = retriers.findIndex((retrier) => matches(retrier.ErrorEquals, error));
  const retrier = retriers[index];
  if (retrier === undefined) return undefined;
  const tries = used[index] ?? 0;
  if (tries >= (retrier.MaxAttempts ?? 3)) return undefined;
  used[index] = tries + 1;
  const backoff = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** tries;
  const delay = Math.min(backoff, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return retrier.JitterStrategy === 'FULL' ? random() * delay : delay;
}
