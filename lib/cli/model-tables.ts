import type { Dossier } from '../documents/model.ts';
import type { ModelResult } from '../documents/run-document.ts';
import type { Drift } from '../gate/drift.ts';
import { objectiveOf } from '../learning/learning.ts';
import { significantDrift } from '../metrics/names.ts';
import { verdictWords } from './live-models.ts';
import { columns } from './terminal.ts';

/** A model of a run, its main metric and the verdict of the gate. */
export function modelLine(model: ModelResult, beside = ''): string {
  const { label, in: figureIn } = objectiveOf(model).judgedBy;
  const figure = `${label} ${figureIn(model.metrics).toFixed(4)}`;
  return `model ${model.name} v${model.version}  ${figure}${beside}  ${verdictWords[model.verdict]}`;
}

/** Metrics of one or more versions side by side, each on its own hold-out. */
export function figuresTable(names: readonly string[], dossiers: readonly Dossier[]): string {
  // A model may have learned to predict something else since.
  const measured = dossiers.map((dossier) =>
    objectiveOf(dossier).figures.map(({ label, note, of, shown = fourDigits }) => ({
      label,
      note,
      text: shown(of(dossier)),
    })),
  );
  const notes = new Map(measured.flat().map(({ label, note }) => [label, note]));
  const rows = [...notes].map(([label, note]) => {
    const values = measured.map((figures) => figures.find((figure) => figure.label === label)?.text ?? '-');
    return [label, ...values, note];
  });
  return columns([['', ...names, ''], ...rows]);
}

const fourDigits = (value: number) => value.toFixed(4);

/** Drift between the rows of two versions: the features that drifted most. */
export function driftTable({ features, scores }: Drift): string {
  const mark = (psi: number) => (psi >= significantDrift ? 'drifted' : '');
  const rows = [...features.slice(0, 5).map(({ feature, psi }) => [feature, psi]), ['scores', scores]] as [
    string,
    number,
  ][];
  return `drift between their rows (PSI, ${significantDrift} or more matters)\n${columns(
    rows.map(([name, psi]) => [name, psi.toFixed(3), mark(psi)]),
  )}`;
}
