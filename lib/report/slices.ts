import type { Dossier } from '../documents/model.ts';
import { count, difference, score, widthOf } from '../html/format.ts';
import { type Html, html } from '../html/html.ts';
import { code, named } from '../html/names.ts';
import { objectiveOf } from '../learning/learning.ts';

/** The model's main metric for each group of rows: a small table per feature. */
export function slicesTables(dossier: Dossier): Html[] {
  const { label, scale, in: figureIn } = objectiveOf(dossier).judgedBy;
  const { from, to } = scale;
  const all = figureIn(dossier.metrics);
  const slices = dossier.slices.map((slice) => ({ ...slice, figure: figureIn(slice) }));
  const at = (figure: number) => widthOf(figure - from, to - from);
  return [...new Set(slices.map((slice) => slice.feature))].map((feature) => {
    const rows = slices
      .filter((slice) => slice.feature === feature)
      .map(
        ({
          value,
          rows,
          figure,
        }) => html`<tr><th scope="row">${value === '' ? '(empty)' : named(value)}</th><td class="n">${count(rows)}</td>
<td class="n">${score(figure)}</td><td class="n">${difference(figure - all)}</td><td class="wide"><div class="strip"><i class="rule" style="left:${at(all)}" title="all: ${score(all)}"></i><i class="spot" style="left:${at(figure)}"></i></div></td></tr>
`,
      );
    return html`<figure><figcaption><span>Slices by ${code(feature)}</span> <b>hold-out ${label}</b></figcaption>
<div class="scroll" tabindex="0" role="region" aria-label="Slices by ${feature}"><table class="plain slices"><caption class="unseen">Hold-out ${label} by ${feature}</caption>
<thead><tr><th scope="col">Value</th><th scope="col" class="n">Rows</th><th scope="col" class="n">${label}</th>
<th scope="col" class="n">Against all</th><th scope="col" class="wide"><span class="ends"><span>${from}</span><span>${label}</span><span>${to}</span></span></th></tr></thead>
<tbody>${rows}</tbody></table></div><p class="note">Dot: the group. Line: all, ${score(all)}.</p></figure>`;
  });
}
