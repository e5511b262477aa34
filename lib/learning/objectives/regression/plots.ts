import { counted, score } from '../../../html/format.ts';
import { type Html, html } from '../../../html/html.ts';
import { dot, type Frame, line, plot, rangeOf } from '../../../html/plot.ts';
import { amount } from './amount.ts';

interface Drawn {
  metrics: { r2: number; rmse: number; mae: number; bias: number };
  pairs: readonly (readonly [predicted: number, actual: number])[];
  tenths: readonly { mean_predicted: number; mean_actual: number }[];
}

/** Predicted and actual labels, errors by prediction, and means by tenths. */
export function plots({ pairs, tenths, metrics }: Drawn): Html[] {
  const range = rangeOf([...pairs.flat(), ...tenths.flatMap((bin) => [bin.mean_predicted, bin.mean_actual])]);
  const guide = html`<path class="guide" d="${line(
    [
      [range[0], range[0]],
      [range[1], range[1]],
    ],
    range,
  )}"><title>predicted equals actual</title></path>`;
  const means = tenths.map((bin) => [bin.mean_predicted, bin.mean_actual] as const);
  const both = (predicted: number, actual: number) => `predicted ${amount(predicted)}, actual ${amount(actual)}`;
  const figure = (title: string, value: string, note: string, frame: Omit<Frame, 'x' | 'range'>) =>
    html`<figure><figcaption>${title} <b>${value}</b></figcaption>${plot({ x: 'predicted', range, ...frame })}<p class="note">${note}</p></figure>`;
  const residuals = pairs.map(([predicted, actual]) => [predicted, predicted - actual] as const);
  const yRange = rangeOf([0, ...residuals.map(([, error]) => error)]);
  const noError = html`<path class="guide" d="${line(
    [
      [range[0], 0],
      [range[1], 0],
    ],
    range,
    yRange,
  )}"><title>no error</title></path>`;
  return [
    figure(
      'Predicted and actual',
      `R² ${score(metrics.r2)}`,
      `Dashed: predicted equals actual. Dots: ${counted(pairs.length, 'held-out row')}.`,
      {
        label: `Predicted and actual label of ${counted(pairs.length, 'row')}; the mean absolute error is ${amount(metrics.mae)}`,
        y: 'actual',
        marks: html`${guide}${pairs.map(([x, y]) => dot(x, y, 2.2, 'pair', both(x, y), range))}`,
      },
    ),
    figure('Errors', `RMSE ${amount(metrics.rmse)}`, 'Error: predicted minus actual. Dashed: no error.', {
      label: `Errors of ${counted(pairs.length, 'row')} by prediction; the root mean squared error is ${amount(metrics.rmse)}`,
      y: 'error',
      yRange,
      marks: html`${noError}${residuals.map(([x, y]) => dot(x, y, 2.2, 'pair', both(x, x - y), range, yRange))}`,
    }),
    figure(
      'By tenths',
      `bias ${amount(metrics.bias)}`,
      'Dashed: predicted equals actual. Dots: means of a tenth of the rows, by prediction.',
      {
        label: `Mean prediction and mean label of ${counted(tenths.length, 'bin')}; the bias is ${amount(metrics.bias)}`,
        y: 'actual',
        marks: html`${guide}<path class="curve" d="${line(means, range)}"/>${means.map(([x, y]) => dot(x, y, 4, 'bin', both(x, y), range))}`,
      },
    ),
  ];
}
