import type { Dossier } from '../documents/model.ts';
import type { ModelResult } from '../documents/run-document.ts';
import type { Drift } from '../gate/drift.ts';
import { objectiveOf } from '../learning/learning.ts';
import { driftThatMatters } from '../metrics/names.ts';
import { columns } from './terminal.ts';

/** `AUC 0.8412`: the figure that a model of a run was judged by. */
export function headlineFigure(model: ModelResult): string {
  const { metric, label } = objectiveOf(model).judgedBy;
  return `${label} ${model.metrics[metric].toFixed(4)}`;
}

/** Figures of one or more versions side by side, each on its own hold-out. */
export function figuresTable(names: readonly string[], dossiers: readonly Dossier[]): string {
  const { figures } = objectiveOf(dossiers[0]!);
  return columns([
    ['', ...names, ''],
    ...figures.map(({ label, of, note }) => [label, ...dossiers.map((dossier) => of(dossier).toFixed(4)), note]),
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
