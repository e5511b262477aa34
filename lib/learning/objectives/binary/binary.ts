import * as z from 'zod';
import { percent, score } from '../../../html/format.ts';
import { atLeast, atMost } from '../../findings.ts';
import { gateOfAny, judgedParts, type Objective, type ObjectiveParts } from '../../objective.ts';
import { calibrationError, calibrationPlot } from './calibration.ts';
import { confusionMatrix, confusionStyle } from './confusion.ts';
import { prCurve, rocCurve } from './curves.ts';
import type { BinaryGate } from './gate.ts';
import { aucInterval } from './rates.ts';

/** Predicts a label of 0 or 1. The score is the probability of 1. */

const name = 'binary';

const count = z.int().nonnegative();
const unit = z.number().min(0).max(1);
const most = z.strictObject({ atMost: z.number().nonnegative() });

const confusion = z.strictObject({ tp: count, fp: count, tn: count, fn: count });
const calibrationBin = z.strictObject({ mean_score: unit, share_positive: unit, rows: count });
const judged = judgedParts('auc', unit);

const parts = {
  name,
  ...judged,
  metrics: z.strictObject({
    auc: unit,
    pr_auc: unit,
    accuracy: unit,
    log_loss: z.number().nonnegative(),
    brier: unit,
    /** Maximises F1 on the out-of-fold scores of the training part. */
    threshold: z.number(),
    confusion,
  }),
  rows: z.strictObject({ train: count, test: count, train_positive: count, test_positive: count }),
  drawn: {
    /** [false positive rate, true positive rate], from scores. */
    roc: z.array(z.tuple([unit, unit])),
    /** [recall, precision], from scores. */
    pr: z.array(z.tuple([unit, unit])),
    /** Ten bins of equal size by score. */
    calibration: z.array(calibrationBin),
  },
  gate: z.strictObject({
    auc: unit.default(0.5),
    prAuc: z.strictObject({ atLeast: unit }).optional(),
    logLoss: most.optional(),
    brier: most.optional(),
    calibration: most.optional(),
    slices: z.array(judged.sliceFloor).optional(),
    ...gateOfAny,
  }),
  types: { Confusion: confusion, CalibrationBin: calibrationBin, SliceFloor: judged.sliceFloor, AtMost: most },
} as const satisfies ObjectiveParts;

export const binary = {
  parts,
  judgedBy: {
    label: 'AUC',
    meaning: 'area under the ROC curve of the hold-out part',
    worseBy: 0.02,
    needs: ' of both classes',
    scale: { from: 0.5, to: 1, ends: ['0.5 coin toss', '1'] },
    in: (entry) => entry.auc,
    byFold: (point) => point.auc_by_fold,
    interval: ({ metrics, rows }) => aucInterval(metrics.auc, rows.test_positive, rows.test - rows.test_positive),
    floor: ({ auc }) => auc,
  },
  labelTypes: /./,
  planned: (gate = parts.gate.parse({})) => ({ objective: name, gate }),
  link: (margin) => 1 / (1 + Math.exp(-margin)),
  predicted: {
    columns: [
      { name: 'score', type: 'double' },
      { name: 'predicted', type: 'int' },
    ],
    of: (score, { threshold }) => ({ score, predicted: score >= threshold ? 1 : 0 }),
    headings: (label) => ['score', label],
    cells: ({ score, predicted }) => [score!.toFixed(4), predicted === 1 ? 'yes' : 'no'],
    note: (label, { threshold }) => `${label} is "yes" where the score is ${threshold.toFixed(4)} or more`,
    settled: ({ threshold }) => ({ threshold }),
  },
  findings: (gate, { metrics, calibration }) => [
    ...atLeast('AUC', metrics.auc, gate.auc),
    ...atLeast('PR AUC', metrics.pr_auc, gate.prAuc?.atLeast),
    ...atMost('log loss', metrics.log_loss, gate.logLoss?.atMost),
    ...atMost('Brier score', metrics.brier, gate.brier?.atMost),
    ...atMost('calibration error', calibrationError(calibration), gate.calibration?.atMost),
  ],
  figures: [
    { label: 'AUC', note: 'more is better', of: ({ metrics }) => metrics.auc },
    { label: 'PR AUC', note: 'more is better', of: ({ metrics }) => metrics.pr_auc },
    { label: 'accuracy', note: 'more is better', of: ({ metrics }) => metrics.accuracy },
    { label: 'log loss', note: 'less is better', of: ({ metrics }) => metrics.log_loss },
    { label: 'Brier score', note: 'less is better', of: ({ metrics }) => metrics.brier },
    { label: 'calibration error', note: 'less is better', of: ({ calibration }) => calibrationError(calibration) },
  ],
  watched: [
    {
      metric: 'Auc',
      statistic: 'Minimum',
      of: ({ metrics }) => metrics.auc,
      title: 'AUC of candidates',
      axis: { min: 0.5, max: 1 },
    },
    {
      metric: 'CalibrationError',
      statistic: 'Maximum',
      of: ({ calibration }) => calibrationError(calibration),
      title: 'Calibration error of candidates',
      axis: { min: 0 },
      alarm: {
        kind: 'calibration',
        threshold: 0.1,
        what: (model, threshold) => `Scores of the new version of ${model} are off by ${threshold} or more on average.`,
        advice: 'see the calibration in the dossier: scores of this version are no probabilities to reckon with',
      },
    },
  ],
  report: {
    style: confusionStyle,
    labels: ({ train, test, train_positive, test_positive }) => ({
      train: ` (${percent(train_positive, train)} positive)`,
      test: ` (${percent(test_positive, test)} positive)`,
    }),
    tiles: ({ metrics, rows }) => [
      ['AUC', score(metrics.auc), 'ranking, 0.5 to 1'],
      ['PR AUC', score(metrics.pr_auc), `base rate ${percent(rows.test_positive, rows.test)}`],
      ['Accuracy', percent(metrics.accuracy), 'at the threshold'],
      ['Log loss', score(metrics.log_loss), 'less is better'],
      ['Brier', score(metrics.brier), 'less is better'],
      ['Threshold', score(metrics.threshold), 'maximises F1'],
    ],
    plots: (dossier) => [rocCurve(dossier), prCurve(dossier), calibrationPlot(dossier)],
    table: confusionMatrix,
  },
} as const satisfies Objective<typeof parts>;

/** The options of a model that predicts one of two classes. */
export interface BinaryLearning<Column extends string> {
  /**
   * What it predicts: `binary` predicts a label of 0 or 1.
   * @default `binary`
   */
  readonly objective?: 'binary';
  /**
   * What a candidate must reach to be promoted. By default an AUC of 0.5, and it must not be worse than the live version.
   * @default those of BinaryGate
   * @example gate: { auc: 0.75 }
   */
  readonly gate?: BinaryGate<Column>;
}
