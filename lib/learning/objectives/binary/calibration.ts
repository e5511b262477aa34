import { counted, percent, score } from '../../../html/format.ts';
import { type Html, html } from '../../../html/html.ts';
import { dot, line, plot, rangeOf } from '../../../html/plot.ts';

interface Bin {
  mean_score: number;
  share_positive: number;
  rows: number;
}

/** Expected calibration error, 0 to 1: the distance between mean score and share of positives, averaged over the rows of all bins. */
export function calibrationError(bins: readonly Bin[]): number {
  const rows = bins.reduce((total, bin) => total + bin.rows, 0);
  const off = bins.reduce((total, bin) => total + bin.rows * Math.abs(bin.mean_score - bin.share_positive), 0);
  return rows === 0 ? 0 : off / rows;
}

/** Mean score against share of positives, in ten bins of equal size: does a score of 0.3 mean that 30 % are positive? */
export function calibrationPlot({
  calibration,
  metrics,
}: {
  calibration: readonly Bin[];
  metrics: { brier: number };
}): Html {
  const bins = calibration.filter((bin) => bin.rows > 0);
  if (bins.length === 0) return html``;
  const greatest = Math.max(...bins.flatMap((bin) => [bin.mean_score, bin.share_positive]));
  const range = rangeOf([0, Math.max(greatest, 0.05)]);
  const error = calibrationError(bins);
  const points = bins.map((bin) => [bin.mean_score, bin.share_positive] as const);
  const marks = html`<path class="guide" d="${line([
    [0, 0],
    [1, 1],
  ])}"><title>perfect calibration</title></path><path class="curve" d="${line(points, range)}"/>${bins.map((bin) =>
    dot(
      bin.mean_score,
      bin.share_positive,
      4,
      'bin',
      `${counted(bin.rows, 'row')} with a mean score of ${score(bin.mean_score)}: ${percent(bin.share_positive)} positive`,
      range,
    ),
  )}`;
  const label = `Calibration in ${bins.length} bins; scores are off by ${score(error)} on average`;
  return html`<figure><figcaption>Calibration <b>Brier ${score(metrics.brier)}</b></figcaption>${plot({
    label,
    x: 'mean score of the bin',
    y: 'share that is positive',
    range,
    marks,
  })}<p class="note">Dashed: perfect calibration. Off by ${score(error)} on average.</p></figure>`;
}
