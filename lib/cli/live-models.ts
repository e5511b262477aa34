import type { RunDocument } from '../documents/run-document.ts';
import type { Promotion } from '../gate/ports.ts';
import { labelOf } from '../learning/learning.ts';
import { driftThatMatters } from '../metrics/names.ts';
import { counted, wrapped } from './terminal.ts';

/** What the gate did with a candidate, in the word of a sentence. */
export const verdictWords = { promote: 'promoted', hold: 'held', keep: 'kept' } as const;

/** What is live of a model, in a line. */
export function liveLine(model: string, live: Promotion | null | undefined): string {
  if (live === null || live === undefined) return `model ${model}: no version is live\n`;
  const how =
    live.rollback !== undefined
      ? `, rolled back from v${live.rollback.from}`
      : live.by === undefined
        ? ''
        : `, promoted by ${live.by}`;
  return `model ${model}: v${live.version} is live since ${live.at}  ${labelOf(live.metric)} ${live.value.toFixed(4)}${how}\n`;
}

/** How far the rows of a run had moved, and the features that moved the furthest below it; nothing where no feature moved far. */
export function driftLine(
  model: string,
  { against, rows, features }: NonNullable<RunDocument['drift']>[number]['drift'],
): string {
  const far = features.filter(({ psi }) => psi >= driftThatMatters);
  if (far.length === 0) return '';
  const of = rows === undefined ? 'rows have' : `${counted(rows, 'new row')} ${rows === 1 ? 'has' : 'have'}`;
  const named = far.slice(0, 3).map(({ feature, psi }) => `${feature} (PSI ${psi.toFixed(2)})`);
  return wrapped(
    `model ${model}: ${of} drifted from what v${against} learned from:\n${named.map((each) => `  ${each}\n`).join('')}`,
  );
}
