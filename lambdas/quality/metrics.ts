import type { Verdict } from '../../lib/gate/gate.ts';
import type { MetricValue } from '../../lib/metrics/metric-value.ts';
import { drift, scoreDrift, worseBy } from '../../lib/metrics/names.ts';

/**
 * The metrics of a candidate. How much worse it is than the previous version (on the same rows, if they were compared) is published
 * only if it becomes live. If there was nothing new to learn, only the drift is published.
 */
export function metricsOf(verdict: Verdict): MetricValue[] {
  const of = (name: string, value: number): MetricValue => ({ name, value, dimensions: { Model: verdict.model } });
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
