import type { Comparison, Dossier } from '../documents/model.ts';
import { count, score } from '../html/format.ts';
import { type Html, html } from '../html/html.ts';
import { code } from '../html/names.ts';
import { leakText } from '../learning/findings.ts';
import { objectiveOf } from '../learning/learning.ts';

/** Compares a model with other versions on the same held-out rows, and lists features that explain the label alone. */
export function besideOthers(dossier: Dossier): Html {
  const { comparisons = [], leaks = [] } = dossier;
  const { judgedBy } = objectiveOf(dossier);
  const { label } = judgedBy;
  const suspected = leaks.map(
    (leak) => html`<p class="caution">▮▮ ${code(leak.feature)} ${leakText(label, judgedBy.in(leak))}.</p>`,
  );
  if (comparisons.length === 0) return html`${suspected}`;
  return html`${suspected}<h4>Compared with other versions on the same held-out rows, which neither version learned from</h4>
<div class="scroll" tabindex="0" role="region" aria-label="Beside other versions"><table class="plain stack"><caption class="unseen">${label} of this version and of others on the same rows</caption>
<thead><tr><th scope="col">Version</th><th scope="col" class="n">Rows</th><th scope="col" class="n">Other’s ${label}</th><th scope="col" class="n">This version’s</th>
<th scope="col" class="n">Difference</th><th scope="col" class="n">95 % interval</th><th scope="col">This one is</th></tr></thead>
<tbody>${comparisons.map((each) => row(each, judgedBy))}</tbody></table></div>`;
}

function row(each: Comparison, { label, in: figureIn }: ReturnType<typeof objectiveOf>['judgedBy']): Html {
  const version = html`<th scope="row">v${each.against}</th>`;
  if ('why_not' in each) return html`<tr>${version}<td colspan="6">not compared: ${each.why_not}</td></tr>`;
  const { rows, metrics, difference, interval, same_scores } = each;
  const [low, high] = interval;
  const [tone, text] =
    same_scores === true
      ? ['soft', 'the same in each score']
      : high < 0
        ? ['bad', '✗ worse']
        : low > 0
          ? ['good', '✓ better']
          : ['soft', 'not shown to be worse'];
  return html`<tr>${version}<td class="n" data-label="rows">${count(rows)}</td><td class="n" data-label="its ${label}">${score(figureIn(metrics))}</td>
<td class="n" data-label="this one’s">${score(figureIn(each))}</td><td class="n" data-label="difference">${signed(difference)}</td>
<td class="n" data-label="95 % interval">${signed(low)} to ${signed(high)}</td><td class="${tone}">${text}</td></tr>`;
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${score(Math.abs(value))}`;
