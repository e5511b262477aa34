import { auc, aucDrop, calibrationError, drift, type Published, scoreDrift } from '../../lib/plan/metric-names.ts';
import type { Measure } from '../shared/measure.ts';
import type { Verdict } from './quality.ts';

/** What is published of a candidate. By how much it is worse than the one before counts only once it serves. */
export function measuresOf(verdict: Verdict): Measure[] {
  const of = (name: Published, value: number): Measure => ({ name, value, dimensions: { Model: verdict.model } });
  const { before = verdict.auc, drift: moves } = verdict;
  const [most] = moves?.features ?? [];
  return [
    of(auc, verdict.auc),
    of(calibrationError, verdict.calibration),
    ...(verdict.verdict === 'promote' ? [of(aucDrop, Math.max(0, before - verdict.auc))] : []),
    ...(most === undefined ? [] : [of(drift, most.psi)]),
    ...(moves === undefined ? [] : [of(scoreDrift, moves.scores)]),
  ];
}
