import type { Verdict } from '../../lib/gate/gate.ts';
import type { Measure } from '../../lib/metrics/metric-value.ts';
import { drift, scoreDrift, worseBy } from '../../lib/metrics/names.ts';

/**
 * What is published of a candidate. By how much it is worse than the one before, on the same rows where the two were compared, counts
 * only once it serves. Where there was nothing new to learn, how far the new rows have moved is all that there is.
 */
export function measuresOf(verdict: Verdict): Measure[] {
  const of = (name: string, value: number): Measure => ({ name, value, dimensions: { Model: verdict.model } });
  const { compared, before = verdict.value, drift: moves } = verdict;
  const drop = compared === undefined ? before - verdict.value : -compared.difference;
  const [most] = moves?.features ?? [];
  return [
    ...(verdict.verdict === 'keep' ? [] : Object.entries(verdict.watched).map(([name, value]) => of(name, value))),
    ...(verdict.verdict === 'promote' ? [of(worseBy, Math.max(0, drop))] : []),
    ...(most === undefined ? [] : [of(drift, most.psi)]),
    ...(moves === undefined ? [] : [of(scoreDrift, moves.scores)]),
  ];
}
