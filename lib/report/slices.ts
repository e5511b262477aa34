import type { Dossier } from '../documents/model.ts';
import { count, difference, score, widthOf } from './format.ts';
import { type Html, html } from './html.ts';

/** Whether the model serves each group as well as it serves the whole. */
export function slicesTable({ slices, metrics }: Dossier): Html {
  if (slices.length === 0) return html``;
  const features = [...new Set(slices.map((slice) => slice.feature))];
  return html`<figure><figcaption>Slices <b>hold-out AUC by group</b></figcaption>
<div class="scroll" tabindex="0" role="region" aria-label="Slices"><table class="plain slices"><caption class="unseen">Hold-out AUC by the values of each categorical input</caption>
<thead><tr><th scope="col">Feature</th><th scope="col">Value</th><th scope="col" class="n">Rows</th><th scope="col" class="n">AUC</th>
<th scope="col" class="n">Against all</th><th scope="col" class="wide"><span class="ends"><span>0.5</span><span>1</span></span></th></tr></thead>
${features.map((feature) => {
  const own = slices.filter((slice) => slice.feature === feature);
  return html`<tbody>${own.map(
    (
      slice,
      i,
    ) => html`<tr>${i === 0 && html`<th scope="rowgroup" rowspan="${own.length}"><code>${feature}</code></th>`}<td>${slice.value === '' ? '(empty)' : slice.value}</td>
<td class="n">${count(slice.rows)}</td><td class="n">${score(slice.auc)}</td><td class="n">${difference(slice.auc - metrics.auc)}</td><td class="wide"><div class="strip"><i class="rule" style="left:${widthOf(metrics.auc - 0.5, 0.5)}" title="all: ${score(metrics.auc)}"></i><i class="spot" style="left:${widthOf(slice.auc - 0.5, 0.5)}"></i></div></td></tr>
`,
  )}</tbody>`;
})}</table></div></figure>`;
}
