import type { Dossier } from '../documents/model.ts';
import type { ModelResult } from '../documents/run-document.ts';
import { score } from '../html/format.ts';
import { type Html, html } from '../html/html.ts';

/** The points of the grid that were tried, by cross-validation on the training part. */
export function gridTable(grid: Dossier['grid'], chosen: ModelResult['chosen'] | undefined): Html {
  if (grid.length === 0) return html``;
  const folds = Math.max(...grid.map((point) => point.auc_by_fold.length));
  const isChosen = (point: Dossier['grid'][number]) =>
    point.max_depth === chosen?.max_depth && point.rounds === chosen.rounds;
  return html`<figure><figcaption>Grid <b>${folds}-fold, on the training part</b></figcaption>
<div class="scroll" tabindex="0" role="region" aria-label="Grid"><table class="plain"><caption class="unseen">Mean AUC of each point of the grid, and by fold</caption>
<thead><tr><th scope="col" class="n">Depth</th><th scope="col" class="n">Rounds</th><th scope="col" class="n">Mean AUC</th>
${Array.from({ length: folds }, (_, i) => html`<th scope="col" class="n">Fold ${i + 1}</th>`)}<th scope="col"><span class="unseen">Chosen</span></th></tr></thead>
<tbody>${grid.map(
    (
      point,
    ) => html`<tr class="${isChosen(point) ? 'picked' : ''}"><th scope="row" class="n">${point.max_depth}</th><td class="n">${point.rounds}</td><td class="n">${point.auc.toFixed(4)}</td>
${Array.from({ length: folds }, (_, i) => html`<td class="n">${point.auc_by_fold[i] === undefined ? '–' : score(point.auc_by_fold[i])}</td>`)}<td>${isChosen(point) && html`<span class="good">✓<span class="word"> chosen</span></span>`}</td></tr>
`,
  )}</tbody></table></div>
${chosen !== undefined && html`<p class="note">Refitted on the whole training part with a learning rate of ${chosen.learning_rate}.</p>`}</figure>`;
}
