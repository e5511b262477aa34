import type { Verdict } from '../../lib/gate/gate.ts';
import { objectiveNames, watchedOf } from '../../lib/learning/learning.ts';
import type { MetricValue } from '../../lib/metrics/metric-value.ts';
import { drift, type MetricName, scoreDrift, worseBy } from '../../lib/metrics/names.ts';

/**
 * The metrics of a candidate. How much worse it is than the previous version (on the same rows, if they were compared) is published
 * only if it becomes live. If there was nothing new to learn, only the drift is published.
 */
export function metricsOf(verdict: Verdict): MetricValue[] {
  const measured = (name: MetricName, value: number): MetricValue => ({
    name,
    value,
    dimensions: { Model: verdict.model },
  });
  const { compared, before = verdict.value, drift: moves } = verdict;
  const drop = compared === undefined ? before - verdict.value : -compared.difference;
  const [most] = moves?.features ?? [];
  const figures = objectiveNames.flatMap((objective) =>
    watchedOf(objective).figures.flatMap(({ metric }) => {
      const value = verdict.watched[metric];
      return value === undefined ? [] : [measured(metric, value)];
    }),
  );
  return [
    ...(verdict.verdict === 'keep' ? [] : figures),
    ...(verdict.verdict === 'promote' ? [measured(worseBy, Math.max(0, drop))] : []),
    ...(most === undefined ? [] : [measured(drift, most.psi)]),
    ...(moves === undefined ? [] : [measured(scoreDrift, moves.scores)]),
  ];
}
