import type { RunDocument } from '../documents/run-document.ts';
import type { Promotion } from '../gate/ports.ts';
import { labelOf } from '../learning/learning.ts';
import { significantDrift } from '../metrics/names.ts';
import { counted, wrapped } from './terminal.ts';

/** What the gate did with a candidate, as a word for messages. */
export const verdictWords = { promote: 'promoted', hold: 'held', keep: 'kept' } as const;

/** One line on the live version of a model. */
export function liveLine(model: string, live: Promotion | null | undefined): string {
  if (live === null || live === undefined) return `model ${model}: no version is live\n`;
  const how =
    live.rollback !== undefined
      ? `, rolled back from v${live.rollback.from}`
      : live.by === undefined
        ? ''
        : `, promoted by ${live.by}`;
  return `model ${model}: v${live.version} has been live since ${live.at}  ${labelOf(live.metric)} ${live.value.toFixed(4)}${how}\n`;
}

/** The drift of a run's rows, with the features that drifted most; empty if no feature drifted far. */
export function driftLine(
  model: string,
  { against, rows, features }: NonNullable<RunDocument['drift']>[number]['drift'],
): string {
  const far = features.filter(({ psi }) => psi >= significantDrift);
  if (far.length === 0) return '';
  const subject = rows === undefined ? 'rows have' : `${counted(rows, 'new row')} ${rows === 1 ? 'has' : 'have'}`;
  const named = far.slice(0, 3).map(({ feature, psi }) => `${feature} (PSI ${psi.toFixed(2)})`);
  return wrapped(
    `model ${model}: ${subject} drifted from what v${against} learned from:\n${named.map((each) => `  ${each}\n`).join('')}`,
  );
}
