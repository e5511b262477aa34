import type { Comparison, Dossier } from '../documents/model.ts';
import { count, score } from './format.ts';
import { type Html, html } from './html.ts';

/** A model beside other versions on the same held-out rows, and the features that explain the label alone. */
export function besideOthers(dossier: Dossier): Html {
  const { comparisons = [], leaks = [] } = dossier;
  const suspected = leaks.map(
    ({ feature, auc }) =>
      html`<p class="caution">▮▮ <code>${feature}</code> alone explains the label (AUC ${score(auc)}): see that it is known before the label is.</p>`,
  );
  if (comparisons.length === 0) return html`${suspected}`;
  return html`${suspected}<table class="beside"><caption>Beside other versions, on the same held-out rows, which neither learned from</caption>
<thead><tr><th>Version</th><th>Rows</th><th>Its AUC</th><th>This one's</th><th>Difference</th><th>95 % interval</th><th></th></tr></thead>
<tbody>${comparisons.map(row)}</tbody></table>`;
}

function row(each: Comparison): Html {
  if ('why_not' in each)
    return html`<tr><td>v${each.against}</td><td colspan="6">not compared: ${each.why_not}</td></tr>`;
  const { against, rows, auc, metrics, difference, interval } = each;
  const [low, high] = interval;
  const [tone, text] =
    high < 0 ? ['bad', '✗ worse'] : low > 0 ? ['good', '✓ better'] : ['soft', 'no worse, as far as can be told'];
  return html`<tr><td>v${against}</td><td>${count(rows)}</td><td>${score(metrics.auc)}</td><td>${score(auc)}</td>
<td>${signed(difference)}</td><td>${signed(low)} to ${signed(high)}</td><td class="${tone}">${text}</td></tr>`;
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${score(Math.abs(value))}`;
