import type { Dossier } from '../documents/model.ts';
import { calibrationError } from '../gate/calibration.ts';
import type { Drift } from '../gate/drift.ts';
import { driftThatMatters } from '../metrics/names.ts';
import { columns } from './terminal.ts';

/** Figures of one or more versions side by side, each on its own hold-out. */
export function figuresTable(names: readonly string[], dossiers: readonly Dossier[]): string {
  const figures: [string, (dossier: Dossier) => number, string][] = [
    ['AUC', ({ metrics }) => metrics.auc, 'more is better'],
    ['PR AUC', ({ metrics }) => metrics.pr_auc, 'more is better'],
    ['accuracy', ({ metrics }) => metrics.accuracy, 'more is better'],
    ['log loss', ({ metrics }) => metrics.log_loss, 'less is better'],
    ['Brier score', ({ metrics }) => metrics.brier, 'less is better'],
    ['calibration error', ({ calibration }) => calibrationError(calibration), 'less is better'],
  ];
  return columns([
    ['', ...names, ''],
    ...figures.map(([name, of, note]) => [name, ...dossiers.map((dossier) => of(dossier).toFixed(4)), note]),
  ]);
}

/** How far the rows of the newer version are from those of the older, the features that moved most. */
export function movedTable({ features, scores }: Drift): string {
  const mark = (psi: number) => (psi >= driftThatMatters ? 'drifted' : '');
  const rows = [...features.slice(0, 5).map(({ feature, psi }) => [feature, psi]), ['scores', scores]] as [
    string,
    number,
  ][];
  return `how far their rows are from each other (PSI, ${driftThatMatters} or more matters)\n${columns(
    rows.map(([name, psi]) => [name, psi.toFixed(3), mark(psi)]),
  )}`;
}
