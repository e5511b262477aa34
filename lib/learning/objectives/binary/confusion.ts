import { count, percent, px, score } from '../../../html/format.ts';
import { type Html, html } from '../../../html/html.ts';
import { named } from '../../../html/names.ts';
import { type Confusion, ratesOf } from './rates.ts';

/** Held-out rows by label and prediction. `label` is the label's column. */
export function confusionMatrix(
  { confusion, threshold }: { confusion: Confusion; threshold: number },
  label: string,
): Html {
  const { tp, fp, tn, fn } = confusion;
  const rates = ratesOf(confusion);
  const cell = (rows: number, whole: number, kind: 'right' | 'wrong', name: string) =>
    html`<td class="${kind}" style="--share:${px(whole === 0 ? 0 : rows / whole)}"><b>${count(rows)}</b><small>${percent(rows, whole)}</small><small>${name}</small></td>`;
  return html`<figure><figcaption>Confusion matrix <b>threshold ${score(threshold)}</b></figcaption>
<table class="confusion"><caption class="unseen">Hold-out rows: actual against predicted, at the threshold</caption>
<thead><tr><td></td><th scope="col">predicted 0</th><th scope="col">predicted 1</th></tr></thead>
<tbody><tr><th scope="row">${named(label)} = 0</th>${cell(tn, tn + fp, 'right', 'passed')}${cell(fp, tn + fp, 'wrong', 'false alarm')}</tr>
<tr><th scope="row">${named(label)} = 1</th>${cell(fn, tp + fn, 'wrong', 'missed')}${cell(tp, tp + fn, 'right', 'found')}</tr></tbody></table>
<dl class="facts"><div><dt>Precision</dt><dd>${percent(rates.precision)}</dd></div><div><dt>Recall</dt><dd>${percent(rates.recall)}</dd></div>
<div><dt>Specificity</dt><dd>${percent(rates.specificity)}</dd></div><div><dt>F1</dt><dd>${score(rates.f1)}</dd></div></dl>
<p class="note">The threshold maximises F1 on the out-of-fold scores of the training part; the rows here are the hold-out part.</p></figure>`;
}

export const confusionStyle = html`
.confusion { table-layout: fixed; text-align: center; } .confusion th { padding: 4px 8px 4px 0; white-space: normal; font-size: 12.5px; color: var(--soft); } .confusion thead :is(td, th) { text-align: center; } .confusion thead td { width: 26%; }
.confusion .right, .confusion .wrong { padding: 14px 6px; border: 3px solid var(--card); border-radius: 8px; background: color-mix(in srgb, var(--hue) calc(8% + var(--share) * 26%), var(--card)); }
.confusion .right { --hue: var(--written); } .confusion .wrong { --hue: var(--quarantined); }
.confusion b { display: block; font-size: 19px; } .confusion small { display: block; color: var(--ink); line-height: 1.35; }
`;
