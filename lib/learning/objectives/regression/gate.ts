import type { comparedWithLive, whenLeaking } from '../../compared.ts';

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
