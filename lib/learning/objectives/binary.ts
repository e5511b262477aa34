import * as z from 'zod';
import { counted } from '../../words.ts';
import { atLeast, atMost, type Finding, type Objective } from '../objective.ts';
import { type BinaryGate, comparedWithLive } from './binary-gate.ts';

/** A label of 0 and 1. A model gives the probability of 1. */

const count = z.int().nonnegative();
const unit = z.number().min(0).max(1);

const metrics = z.strictObject({
  auc: unit,
  pr_auc: unit,
  accuracy: unit,
  log_loss: z.number().nonnegative(),
  brier: unit,
  /** Maximises F1 on the out-of-fold scores of the training part. */
  threshold: z.number(),
  confusion: z.strictObject({ tp: count, fp: count, tn: count, fn: count }),
});

const rows = z.strictObject({ train: count, test: count, train_positive: count, test_positive: count });

/** What the search found for one point of the grid, beside the point itself. */
const searched = { auc: unit, auc_by_fold: z.array(unit) };

const dossier = {
  /** [false positive rate, true positive rate], from scores. */
  roc: z.array(z.tuple([unit, unit])),
  /** [recall, precision], from scores. */
  pr: z.array(z.tuple([unit, unit])),
  /** Ten bins of equal size by score. */
  calibration: z.array(z.strictObject({ mean_score: unit, share_positive: unit, rows: count })),
  /** Hold-out AUC by the most frequent values of each categorical input, where both classes appear often enough. */
  slices: z.array(z.strictObject({ feature: z.string(), value: z.string(), rows: count, auc: unit })),
  /** Features that explain the label alone, with the AUC that each reaches on the hold-out. */
  leaks: z.array(z.strictObject({ feature: z.string(), auc: unit })).optional(),
};

const comparison = {
  /** AUC of the candidate on these rows. */
  auc: unit,
  /** The candidate's AUC less the other's: below 0 the candidate is worse. */
  difference: z.number(),
  /** 95 % interval of the difference, by a paired bootstrap. */
  interval: z.tuple([z.number(), z.number()]),
};

const most = z.strictObject({ atMost: z.number() });

const gate = z.strictObject({
  auc: z.number(),
  prAuc: z.strictObject({ atLeast: z.number() }).optional(),
  logLoss: most.optional(),
  brier: most.optional(),
  calibration: most.optional(),
  slices: z.array(z.strictObject({ column: z.string(), auc: z.number(), minRows: z.int() })).optional(),
  /** How it must compare with the live version on the same rows; `not-worse` where it is absent. */
  live: z.enum(comparedWithLive).optional(),
  /** What a feature that explains the label alone does; `warn` where it is absent. */
  leak: z.enum(['warn', 'hold']).optional(),
});

const askedMost = z.strictObject({ atMost: z.number().nonnegative() });

const askedGate = z.strictObject({
  auc: unit.optional(),
  prAuc: z.strictObject({ atLeast: unit }).optional(),
  logLoss: askedMost.optional(),
  brier: askedMost.optional(),
  calibration: askedMost.optional(),
  slices: z.array(z.strictObject({ column: z.string(), auc: unit, minRows: z.int().min(1).optional() })).optional(),
  live: z.enum(comparedWithLive).optional(),
  leak: z.enum(['warn', 'hold']).optional(),
});

interface Dossier {
  metrics: z.infer<typeof metrics>;
  calibration: z.infer<typeof dossier.calibration>;
  slices: z.infer<typeof dossier.slices>;
  leaks?: z.infer<typeof dossier.leaks>;
}

type Gate = z.infer<typeof gate>;

/** Expected calibration error, 0 to 1: how far the mean score of a bin is from its share of positives, weighted by the bins' rows. */
export function calibrationError(bins: Dossier['calibration']): number {
  const rows = bins.reduce((total, bin) => total + bin.rows, 0);
  const off = bins.reduce((total, bin) => total + bin.rows * Math.abs(bin.mean_score - bin.share_positive), 0);
  return rows === 0 ? 0 : off / rows;
}

/** AUC first, which is asked in any case. */
function findings(gate: Gate, { metrics, calibration, slices, leaks = [] }: Dossier): Finding[] {
  return [
    atLeast('AUC', metrics.auc, gate.auc),
    ...(gate.prAuc === undefined ? [] : [atLeast('PR AUC', metrics.pr_auc, gate.prAuc.atLeast)]),
    ...(gate.logLoss === undefined ? [] : [atMost('log loss', metrics.log_loss, gate.logLoss.atMost)]),
    ...(gate.brier === undefined ? [] : [atMost('Brier score', metrics.brier, gate.brier.atMost)]),
    ...(gate.calibration === undefined
      ? []
      : [atMost('calibration error', calibrationError(calibration), gate.calibration.atMost)]),
    ...(gate.slices ?? []).flatMap((slice) => sliceFloor(slice, slices)),
    ...(gate.leak === 'hold' ? leaks.map((leak) => ({ met: false, text: leakText(leak) })) : []),
  ];
}

/** One finding for each group that is below its floor, or one for all. */
function sliceFloor(
  { column, auc, minRows }: NonNullable<Gate['slices']>[number],
  slices: Dossier['slices'],
): Finding[] {
  const groups = slices.filter(({ feature, rows }) => feature === column && rows >= minRows);
  if (groups.length === 0) {
    return [
      {
        met: false,
        text: `no value of ${column} has ${counted(minRows, 'held-out row')} of both classes to be judged by`,
      },
    ];
  }
  const low = groups.filter((group) => !(group.auc >= auc));
  if (low.length === 0) return [{ met: true, text: `AUC meets the floor of ${auc} for each ${column}` }];
  return low.map(({ value, rows, auc: found }) => ({
    met: false,
    text: `AUC ${found.toFixed(4)} where ${column} is ${value} (${counted(rows, 'row')}) is below the floor of ${auc}`,
  }));
}

const leakText = ({ feature, auc }: { feature: string; auc: number }): string =>
  `${feature} alone explains the label (AUC ${auc.toFixed(4)}): see that it is known before the label is`;

export const binary = {
  name: 'binary',
  judgedBy: { metric: 'auc', label: 'AUC', worseBy: 0.02 },
  metrics,
  rows,
  searched,
  dossier,
  comparison,
  askedGate,
  plannedGate: gate,
  planned: ({ auc = 0.5, slices, ...floors } = {}) => ({
    ...floors,
    auc,
    ...(slices && { slices: slices.map(({ minRows = 50, ...slice }) => ({ ...slice, minRows })) }),
  }),
  link: (margin) => 1 / (1 + Math.exp(-margin)),
  findings,
  leakText,
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
} as const satisfies Objective<Dossier, z.infer<typeof askedGate>, Gate> & Record<string, unknown>;

/** What a model of the definition says of its objective. */
export interface BinaryLearning<Column extends string> {
  /**
   * What kind of label it has: `binary` is 0 or 1.
   * @default `binary`
   */
  readonly objective?: 'binary';
  /**
   * What a candidate must reach to be promoted. By default an AUC of 0.5, and to be no worse than the live version.
   * @default those of BinaryGate
   * @example gate: { auc: 0.75 }
   */
  readonly gate?: BinaryGate<Column>;
}
