import type { comparedWithLive, whenLeaking } from '../../compared.ts';

/**
 * The floors that a candidate must reach on its hold-out to be promoted. A candidate below a floor is held: the live version keeps
 * scoring, and the run ends with exit code 3. The verdict lists every figure.
 */
export interface BinaryGate<Column extends string> {
  /**
   * The least area under the ROC curve. 0.5 by default, which is a coin toss.
   * @default 0.5
   * @example auc: 0.75
   */
  readonly auc?: number;
  /**
   * The least area under the precision-recall curve. No floor by default.
   * @default no floor
   * @example prAuc: { atLeast: 0.4 }
   */
  readonly prAuc?: { readonly atLeast: number };
  /**
   * The greatest mean log loss. No limit by default.
   * @default no limit
   * @example logLoss: { atMost: 0.5 }
   */
  readonly logLoss?: { readonly atMost: number };
  /**
   * The greatest Brier score, 0 to 1. No limit by default.
   * @default no limit
   * @example brier: { atMost: 0.2 }
   */
  readonly brier?: { readonly atMost: number };
  /**
   * The greatest expected calibration error, 0 to 1. No limit by default.
   * @default no limit
   * @example calibration: { atMost: 0.05 }
   */
  readonly calibration?: { readonly atMost: number };
  /**
   * The least AUC in each group of rows that has one value of a column of the features table, input or not. A group counts from
   * `minRows` held-out rows on (50 by default) and if it has rows of both classes. None by default.
   * @default none
   * @example slices: [{ column: 'city', auc: 0.6, minRows: 100 }]
   * @shape { column: Column; auc: number; minRows?: number }[]
   */
  readonly slices?: readonly { readonly column: Column; readonly auc: number; readonly minRows?: number }[];
  /**
   * The difference of AUC to the live version has an interval of 95 %, from a paired bootstrap over the same rows. `not-worse`, the
   * default: held where the whole interval lies below 0; a candidate that gives each row the same score as the live version is not
   * promoted either, and the run succeeds. `better`: held unless the whole interval lies above 0. `ignored`: the
   * comparison is shown and decides nothing.
   * @default `not-worse`
   * @example live: 'better'
   * @shape 'not-worse' | 'better' | 'ignored'
   */
  readonly live?: (typeof comparedWithLive)[number];
  /**
   * A feature that explains the label alone (AUC 0.97 or more) is a warning by default; `hold` holds the candidate for it.
   * @default `warn`
   * @example leak: 'hold'
   * @shape 'warn' | 'hold'
   */
  readonly leak?: (typeof whenLeaking)[number];
}
