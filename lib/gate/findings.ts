import type { Dossier } from '../documents/model.ts';
import { type Finding, leakText, sliceFloor } from '../learning/findings.ts';
import { objectiveOf } from '../learning/learning.ts';
import type { Gate } from '../plan/schema.ts';

/** What the gate asks of a candidate by itself: the objective's own conditions, floors for groups of rows, and no leak. */
export function findingsOf(gate: Gate, dossier: Dossier): Finding[] {
  const { judgedBy, findings } = objectiveOf(dossier);
  const slices = dossier.slices.map((slice) => ({ ...slice, figure: judgedBy.in(slice) }));
  const floors = (gate.slices ?? []).map((slice) => ({ ...slice, floor: judgedBy.in(slice) }));
  const leaks = gate.leak === 'hold' ? (dossier.leaks ?? []) : [];
  return [
    ...findings(gate, dossier),
    ...floors.flatMap((floor) => sliceFloor(judgedBy, floor, slices)),
    ...leaks.map((leak) => ({ met: false, text: `${leak.feature} ${leakText(judgedBy.label, judgedBy.in(leak))}` })),
  ];
}
