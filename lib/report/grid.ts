import type { Dossier } from '../documents/model.ts';
import type { ModelResult } from '../documents/run-document.ts';
import { score } from '../html/format.ts';
import { type Html, html } from '../html/html.ts';
import { algorithmNamed, objectiveOf } from '../learning/learning.ts';

/** The points of the grid, with their figures from cross-validation on the training part. */
export function gridTable(dossier: Dossier, { chosen }: Pick<ModelResult, 'chosen'>): Html {
  const { grid } = dossier;
  if (grid.length === 0) return html``;
  const { label, in: figureIn, byFold } = objectiveOf(dossier).judgedBy;
  const { pointHeadings, refitted } = algorithmNamed(dossier.algorithm);
  const settings = Object.keys(pointHeadings);
  const folds = Array.from({ length: Math.max(...grid.map((point) => byFold(point).length)) }, (_, i) => i);
  const rows = grid.map((point) => {
    const [first, ...others] = valuesOf(point, settings);
    const isChosen = String(valuesOf(chosen, settings)) === String([first, ...others]);
    return html`<tr class="${isChosen ? 'picked' : ''}"><th scope="row" class="n">${first}</th>${others.map((value) => html`<td class="n">${value}</td>`)}<td class="n">${figureIn(point).toFixed(4)}</td>
${folds.map((i) => html`<td class="n">${byFold(point)[i] === undefined ? '–' : score(byFold(point)[i]!)}</td>`)}<td>${isChosen && html`<span class="good">✓<span class="word"> chosen</span></span>`}</td></tr>
`;
  });
  return html`<figure><figcaption>Grid <b>${folds.length}-fold, on the training part</b></figcaption>
<div class="scroll" tabindex="0" role="region" aria-label="Grid"><table class="plain"><caption class="unseen">Mean ${label} of each point of the grid, and by fold</caption>
<thead><tr>${Object.values(pointHeadings).map((heading) => html`<th scope="col" class="n">${heading}</th>`)}<th scope="col" class="n">Mean ${label}</th>
${folds.map((i) => html`<th scope="col" class="n">Fold ${i + 1}</th>`)}<th scope="col"><span class="unseen">Chosen</span></th></tr></thead>
<tbody>${rows}</tbody></table></div>
<p class="note">Refitted on the whole training part${refitted(chosen)}.</p></figure>`;
}

/** The settings that the grid varies. */
const valuesOf = (point: Readonly<Record<string, unknown>>, settings: readonly string[]): string[] =>
  settings.map((setting) => String(point[setting]));
