import type { comparedWithLive, whenLeaking } from '../../compared.ts';

/**
 * What a candidate must reach on its hold-out to be promoted. Otherwise it is held: the live version continues to score, and the run
 * ends with exit code 3. The verdict names each value.
 */
export interface BinaryGate<Column extends string> {
  /**
   * The least area under the ROC curve. Random scores reach 0.5, the default.
   * @default 0.5
   * @example auc: 0.75
   */
  readonly auc?: number;
  /**
   * The least area under the precision-recall curve.
   * @default no floor
   * @example prAuc: { atLeast: 0.4 }
   */
  readonly prAuc?: { readonly atLeast: number };
  /**
   * The greatest mean log loss.
   * @default no limit
   * @example logLoss: { atMost: 0.5 }
   */
  readonly logLoss?: { readonly atMost: number };
  /**
   * The greatest Brier score, 0 to 1.
   * @default no limit
   * @example brier: { atMost: 0.2 }
   */
  readonly brier?: { readonly atMost: number };
  /**
   * The greatest expected calibration error, 0 to 1.
   * @default no limit
   * @example calibration: { atMost: 0.05 }
   */
  readonly calibration?: { readonly atMost: number };
  /**
   * The least AUC for each group of rows with one value of a column of the features table, input or not. A group is judged if it has at
   * least `minRows` held-out rows (default 50) and rows of both classes.
   * @default none
   * @example slices: [{ column: 'city', auc: 0.6, minRows: 100 }]
   * @shape { column: Column; auc: number; minRows?: number }[]
   */
  readonly slices?: readonly { readonly column: Column; readonly auc: number; readonly minRows?: number }[];
  /**
   * A paired bootstrap on the same rows gives a 95 % interval for the difference in AUC to the live version. `not-worse`: the candidate is
   * held if the whole interval is below 0. If it scores each row like the live version, it is not promoted, and the run succeeds.
   * `better`: it is held unless the whole interval is above 0. `ignored`: the comparison is shown but decides nothing.
   * @default `not-worse`
   * @example live: 'better'
   * @shape 'not-worse' | 'better' | 'ignored'
   */
  readonly live?: (typeof comparedWithLive)[number];
  /**
   * What happens if one feature explains the label alone (AUC 0.97 or more): `warn` warns, `hold` holds the candidate.
   * @default `warn`
   * @example leak: 'hold'
   * @shape 'warn' | 'hold'
   */
  readonly leak?: (typeof whenLeaking)[number];
}
