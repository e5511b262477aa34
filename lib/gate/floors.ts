import type { Dossier } from '../documents/model.ts';
import type { Gate } from '../plan/schema.ts';
import { counted } from '../words.ts';
import { calibrationError } from './calibration.ts';

/** One of the gate's conditions, and what the candidate has. */
export interface Finding {
  met: boolean;
  /** Plain English, with the figures: of what is not met, why; of what is met, that it is. */
  text: string;
}

const figure = (value: number) => value.toFixed(4);

/** The absolute floors of the gate, each judged by the candidate's dossier. AUC is the first, and there in any case. */
export function floors(gate: Gate, dossier: Dossier): Finding[] {
  const { auc, pr_auc, log_loss, brier } = dossier.metrics;
  const calibration = calibrationError(dossier.calibration);
  return [
    atLeast('AUC', auc, gate.auc),
    ...(gate.prAuc === undefined ? [] : [atLeast('PR AUC', pr_auc, gate.prAuc.atLeast)]),
    ...(gate.logLoss === undefined ? [] : [atMost('log loss', log_loss, gate.logLoss.atMost)]),
    ...(gate.brier === undefined ? [] : [atMost('Brier score', brier, gate.brier.atMost)]),
    ...(gate.calibration === undefined ? [] : [atMost('calibration error', calibration, gate.calibration.atMost)]),
    ...(gate.slices ?? []).flatMap((slice) => sliceFloor(slice, dossier)),
    ...(gate.leak === 'hold' ? leakFree(dossier) : []),
  ];
}

/** A figure that is no number meets nothing. */
const atLeast = (name: string, value: number, floor: number): Finding => ({
  met: value >= floor,
  text: `${name} ${figure(value)} ${value >= floor ? 'meets' : 'is below'} the floor of ${floor}`,
});

const atMost = (name: string, value: number, ceiling: number): Finding => ({
  met: value <= ceiling,
  text: `${name} ${figure(value)} ${value <= ceiling ? 'is within' : 'is above'} the limit of ${ceiling}`,
});

/** One finding for each group that is below its floor, or one for all. */
function sliceFloor({ column, auc, minRows }: NonNullable<Gate['slices']>[number], dossier: Dossier): Finding[] {
  const groups = dossier.slices.filter(({ feature, rows }) => feature === column && rows >= minRows);
  if (groups.length === 0) {
    return [
      {
        met: false,
        text: `no value of ${column} has ${counted(minRows, 'held-out row')} of both classes to be judged by`,
      },
    ];
  }
  const low = groups.filter((group) => !(group.auc >= auc));
  if (low.length === 0) return [{ met: true, text: `AUC meets the floor of ${auc} for each ${column}` }];
  return low.map(({ value, rows, auc: found }) => ({
    met: false,
    text: `AUC ${figure(found)} where ${column} is ${value} (${counted(rows, 'row')}) is below the floor of ${auc}`,
  }));
}

function leakFree({ leaks = [] }: Dossier): Finding[] {
  return leaks.map((leak) => ({ met: false, text: leakText(leak) }));
}

export const leakText = ({ feature, auc }: { feature: string; auc: number }): string =>
  `${feature} alone explains the label (AUC ${figure(auc)}): see that it is known before the label is`;
