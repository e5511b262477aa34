import * as z from 'zod';
import { counted, score } from '../../html/format.ts';
import { html } from '../../html/html.ts';
import { dot, type Frame, line, plot, rangeOf } from '../../html/plot.ts';
import type { comparedWithLive, whenLeaking } from '../compared.ts';
import { atLeast, atMost } from '../findings.ts';
import { gateOfAny, judgedParts, type Objective, type ObjectiveParts } from '../objective.ts';

/** Predicts a number. */

const name = 'regression';

const rows = z.int().nonnegative();
const error = z.number().nonnegative();
/** 1 is perfect. 0 is as good as the mean of the label. It has no lower bound. */
const judged = judgedParts('r2', z.number().max(1));
const most = z.strictObject({ atMost: error });
const tenth = z.strictObject({ mean_predicted: z.number(), mean_actual: z.number(), rows });

const parts = {
  name,
  ...judged,
  metrics: z.strictObject({
    r2: z.number().max(1),
    /** Root mean squared error, in units of the label. */
    rmse: error,
    /** Mean and median absolute error. */
    mae: error,
    median_error: error,
    /** Mean of predicted minus actual. */
    bias: z.number(),
  }),
  rows: z.strictObject({
    train: rows,
    test: rows,
    train_mean: z.number(),
    test_mean: z.number(),
    test_deviation: error,
  }),
  drawn: {
    /** [predicted, actual] of at most 300 held-out rows, evenly spaced in the order of predictions. */
    pairs: z.array(z.tuple([z.number(), z.number()])),
    /** Ten bins of equal size, in the order of predictions. */
    tenths: z.array(tenth),
  },
  gate: z.strictObject({
    r2: z.number().max(1).default(0),
    rmse: most.optional(),
    mae: most.optional(),
    bias: most.optional(),
    slices: z.array(judged.sliceFloor).optional(),
    ...gateOfAny,
  }),
  types: { SliceFloor: judged.sliceFloor, AtMost: most, Tenth: tenth },
} as const satisfies ObjectiveParts;

/** The bias in standard deviations of the label. */
const lean = ({ metrics, rows }: { metrics: { bias: number }; rows: { test_deviation: number } }) =>
  rows.test_deviation === 0 ? 0 : Math.abs(metrics.bias) / rows.test_deviation;

const amount = (value: number) =>
  value.toLocaleString('en-US', {
    maximumSignificantDigits: Math.max(4, Math.trunc(Math.abs(value)).toString().length),
  });

export const regression = {
  parts,
  judgedBy: {
    label: 'R²',
    meaning: 'share of the variance of the label that is explained in the hold-out part',
    worseBy: 0.02,
    needs: '',
    scale: { from: 0, to: 1, ends: ['0 the mean', '1'] },
    in: (entry) => entry.r2,
    byFold: (point) => point.r2_by_fold,
    interval: () => undefined,
    floor: ({ r2 }) => r2,
  },
  labelTypes: /^(boolean|int|bigint|double|decimal\(.*)$/,
  planned: (gate = parts.gate.parse({})) => ({ objective: name, gate }),
  link: (margin) => margin,
  predicted: {
    columns: [{ name: 'predicted', type: 'double' }],
    of: (predicted) => ({ predicted }),
    headings: (label) => [label],
    cells: ({ predicted }) => [amount(predicted!)],
    note: (label, { median_error }) =>
      `half of the hold-out has a ${label} within ${amount(median_error)} of its prediction`,
    settled: () => ({}),
  },
  findings: (gate, { metrics }) => [
    atLeast('R²', metrics.r2, gate.r2),
    ...(gate.rmse === undefined ? [] : [atMost('root mean squared error', metrics.rmse, gate.rmse.atMost, amount)]),
    ...(gate.mae === undefined ? [] : [atMost('mean absolute error', metrics.mae, gate.mae.atMost, amount)]),
    ...(gate.bias === undefined ? [] : [atMost('bias', Math.abs(metrics.bias), gate.bias.atMost, amount)]),
  ],
  figures: [
    { label: 'R²', note: 'more is better', of: ({ metrics }) => metrics.r2 },
    { label: 'root mean squared error', note: 'less is better', of: ({ metrics }) => metrics.rmse, shown: amount },
    { label: 'mean absolute error', note: 'less is better', of: ({ metrics }) => metrics.mae, shown: amount },
    {
      label: 'median absolute error',
      note: 'less is better',
      of: ({ metrics }) => metrics.median_error,
      shown: amount,
    },
    { label: 'bias', note: 'predicted minus actual', of: ({ metrics }) => metrics.bias, shown: amount },
  ],
  watched: [
    {
      metric: 'R2',
      statistic: 'Minimum',
      of: ({ metrics }) => metrics.r2,
      title: 'R² of candidates',
      axis: { max: 1 },
    },
    {
      metric: 'Bias',
      statistic: 'Maximum',
      of: lean,
      title: 'Bias of candidates, in standard deviations of the label',
      axis: { min: 0 },
      alarm: {
        kind: 'bias',
        threshold: 0.1,
        what: (model, threshold) =>
          `Predictions of the new version of ${model} are too high or too low by ${threshold} standard deviations of the label or more.`,
        advice: 'see the tenths in the dossier: whether all predictions are off, or those at one end',
      },
    },
  ],
  report: {
    style: html`.pair { fill: var(--water); opacity: 0.6; } .pair:hover { fill: var(--filtered); }`,
    labels: ({ train_mean, test_mean }) => ({
      train: ` (mean ${amount(train_mean)})`,
      test: ` (mean ${amount(test_mean)})`,
    }),
    tiles: ({ metrics, rows }) => [
      ['R²', score(metrics.r2), 'explained, up to 1'],
      ['Deviation', amount(rows.test_deviation), 'of the label'],
      ['RMSE', amount(metrics.rmse), 'less is better'],
      ['Mean error', amount(metrics.mae), 'absolute'],
      ['Median error', amount(metrics.median_error), 'absolute'],
      ['Bias', amount(metrics.bias), 'predicted minus actual'],
    ],
    plots: ({ pairs, tenths, metrics }) => {
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
    },
    table: () => html``,
  },
} as const satisfies Objective<typeof parts>;

/** The options of a model that predicts a number. */
export interface RegressionLearning<Column extends string> {
  /**
   * What it predicts: `regression` predicts a number.
   * @example objective: 'regression'
   */
  readonly objective: 'regression';
  /**
   * What a candidate must reach to be promoted. By default it must be better than the mean of the label and not worse than the live version.
   * @default those of RegressionGate
   * @example gate: { r2: 0.6 }
   */
  readonly gate?: RegressionGate<Column>;
}

/** What a candidate must reach on its hold-out to be promoted, as in BinaryGate. Errors are in units of the label. */
export interface RegressionGate<Column extends string> {
  /**
   * The least share of the label's variance that the model explains (R²). The mean of the label reaches 0, the default.
   * @default 0
   * @example r2: 0.6
   */
  readonly r2?: number;
  /**
   * The greatest root mean squared error.
   * @default no limit
   * @example rmse: { atMost: 50_000 }
   */
  readonly rmse?: { readonly atMost: number };
  /**
   * The greatest mean absolute error.
   * @default no limit
   * @example mae: { atMost: 30_000 }
   */
  readonly mae?: { readonly atMost: number };
  /**
   * How much too high or too low predictions may be on average.
   * @default no limit
   * @example bias: { atMost: 1_000 }
   */
  readonly bias?: { readonly atMost: number };
  /**
   * The least R² for each group of rows with one value of a column of the features table, input or not. A group is judged if it has at
   * least `minRows` held-out rows (default 50).
   * @default none
   * @example slices: [{ column: 'city', r2: 0.3, minRows: 100 }]
   * @shape { column: Column; r2: number; minRows?: number }[]
   */
  readonly slices?: readonly { readonly column: Column; readonly r2: number; readonly minRows?: number }[];
  /**
   * How it must compare with the live version in R², as in BinaryGate.
   * @default `not-worse`
   * @example live: 'better'
   * @shape 'not-worse' | 'better' | 'ignored'
   */
  readonly live?: (typeof comparedWithLive)[number];
  /**
   * What happens if one feature explains the label alone (R² 0.97 or more): `warn` warns, `hold` holds the candidate.
   * @default `warn`
   * @example leak: 'hold'
   * @shape 'warn' | 'hold'
   */
  readonly leak?: (typeof whenLeaking)[number];
}
