import * as z from 'zod';
import { score } from '../../../html/format.ts';
import { html } from '../../../html/html.ts';
import { atLeast, atMost } from '../../findings.ts';
import { gateOfAny, judgedParts, type Objective, type ObjectiveParts } from '../../objective.ts';
import { amount } from './amount.ts';
import type { RegressionGate } from './gate.ts';
import { plots } from './plots.ts';

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
    ...atLeast('R²', metrics.r2, gate.r2),
    ...atMost('root mean squared error', metrics.rmse, gate.rmse?.atMost, amount),
    ...atMost('mean absolute error', metrics.mae, gate.mae?.atMost, amount),
    ...atMost('bias', Math.abs(metrics.bias), gate.bias?.atMost, amount),
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
    plots,
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
