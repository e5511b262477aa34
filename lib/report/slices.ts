import type { Dossier } from '../documents/model.ts';
import { count, difference, score, widthOf } from '../html/format.ts';
import { type Html, html } from '../html/html.ts';
import { code, named } from '../html/names.ts';

/** Whether the model serves each group as well as it serves the whole: a small table for each feature. */
export function slicesTables({ slices, metrics }: Dossier): Html[] {
  const features = [...new Set(slices.map((slice) => slice.feature))];
  const at = (auc: number) => widthOf(auc - 0.5, 0.5);
  return features.map((feature) => {
    const rows = slices
      .filter((slice) => slice.feature === feature)
      .map(
        ({
          value,
          rows,
          auc,
        }) => html`<tr><th scope="row">${value === '' ? '(empty)' : named(value)}</th><td class="n">${count(rows)}</td>
<td class="n">${score(auc)}</td><td class="n">${difference(auc - metrics.auc)}</td><td class="wide"><div class="strip"><i class="rule" style="left:${at(metrics.auc)}" title="all: ${score(metrics.auc)}"></i><i class="spot" style="left:${at(auc)}"></i></div></td></tr>
`,
      );
    return html`<figure><figcaption><span>Slices by ${code(feature)}</span> <b>hold-out AUC</b></figcaption>
<div class="scroll" tabindex="0" role="region" aria-label="Slices by ${feature}"><table class="plain slices"><caption class="unseen">Hold-out AUC by ${feature}</caption>
<thead><tr><th scope="col">Value</th><th scope="col" class="n">Rows</th><th scope="col" class="n">AUC</th>
<th scope="col" class="n">Against all</th><th scope="col" class="wide"><span class="ends"><span>0.5</span><span>AUC</span><span>1</span></span></th></tr></thead>
<tbody>${rows}</tbody></table></div><p class="note">Dot: the group. Line: all, ${score(metrics.auc)}.</p></figure>`;
  });
}
