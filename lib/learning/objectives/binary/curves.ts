import { percent, score } from '../../../html/format.ts';
import { type Html, html } from '../../../html/html.ts';
import { dot, line, plot } from '../../../html/plot.ts';
import { type Confusion, ratesOf } from './rates.ts';

type Points = readonly (readonly [number, number])[];

interface Curves {
  metrics: { auc: number; pr_auc: number; threshold: number; confusion: Confusion };
  roc: Points;
  pr: Points;
}

/** True positive rate against false positive rate, for all thresholds. */
export function rocCurve(dossier: Curves): Html {
  const { auc, confusion, threshold } = dossier.metrics;
  const { recall, fallout } = ratesOf(confusion);
  const label = `ROC curve with an area of ${score(auc)}; at the threshold ${percent(recall)} of the positives are found at ${percent(fallout)} false alarms`;
  const area: Points = [[0, 0], ...dossier.roc, [1, 1], [1, 0]];
  const marks = html`<path class="area" d="${line(area)}"/><path class="guide" d="${line([
    [0, 0],
    [1, 1],
  ])}"><title>chance: AUC 0.5</title></path>
<path class="curve" d="${line(dossier.roc)}"/>${probes(dossier.roc, (x, y) => `${percent(y)} found at ${percent(x)} false alarms`)}
${dot(fallout, recall, 4.5, 'chosen', `threshold ${score(threshold)}: ${percent(recall)} found at ${percent(fallout)} false alarms`)}`;
  return html`<figure><figcaption>ROC <b>AUC ${score(auc)}</b></figcaption>${plot({
    label,
    x: 'false positive rate',
    y: 'true positive rate',
    marks,
  })}<p class="note">Dashed: chance. Dot: the threshold.</p></figure>`;
}

/** Precision against recall, for all thresholds. The share of positives is the precision of random scores. */
export function prCurve(dossier: Curves): Html {
  const { pr_auc, confusion, threshold } = dossier.metrics;
  const { recall, precision, base } = ratesOf(confusion);
  const label = `Precision and recall with an area of ${score(pr_auc)}, against a base rate of ${percent(base)}`;
  const marks = html`<path class="guide" d="${line([
    [0, base],
    [1, base],
  ])}"><title>base rate ${percent(base)}</title></path><path class="curve" d="${line(dossier.pr)}"/>
${probes(dossier.pr, (x, y) => `${percent(y)} of the alarms are right when ${percent(x)} are found`)}
${dot(recall, precision, 4.5, 'chosen', `threshold ${score(threshold)}: precision ${percent(precision)}, recall ${percent(recall)}`)}`;
  return html`<figure><figcaption>Precision and recall <b>PR AUC ${score(pr_auc)}</b></figcaption>${plot({
    label,
    x: 'recall',
    y: 'precision',
    marks,
  })}<p class="note">Dashed: base rate ${percent(base)}. Dot: the threshold.</p></figure>`;
}

/** Points with tooltips: enough to read the curve, few enough to keep the file small. */
function probes(points: Points, title: (x: number, y: number) => string): Html[] {
  const step = Math.max(1, Math.ceil(points.length / 25));
  return points.filter((_, i) => i % step === 0).map(([x, y]) => dot(x, y, 6, 'probe', title(x, y)));
}
