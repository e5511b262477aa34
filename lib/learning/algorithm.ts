import type * as z from 'zod';

/** Points of a grid, or settings that all points share: names of numbers, as documents have them. */
export type Numbers = Readonly<Record<string, z.ZodType<number>>>;

/**
 * How a model learns. It owns its settings and their defaults, what is saved of a fit and how that scores. One record each, in
 * `algorithms/`. `Asked` is its part of a definition's model, `Planned` of a `train` task, `Saved` of `model.json`.
 */
export interface Algorithm<Asked, Planned, Saved> {
  name: string;
  /** Its settings in a definition, beside `algorithm`. */
  asked: Readonly<Record<string, z.ZodType>>;
  planned: z.ZodType<Planned>;
  /** The plan's settings, with defaults for what the definition leaves out. */
  plan: (asked: Asked) => Planned;
  /** Models that a search of the grid fits on each fold: the forecast of cost counts them. */
  fitsPerFold: (planned: Planned) => number;
  /** What a point of the grid consists of; and what all points share. */
  point: Numbers;
  settings: Numbers;
  /** Columns of the grid's table in the report: a field of the point -> its heading. */
  pointHeadings: Readonly<Record<string, string>>;
  saved: Readonly<Record<string, z.ZodType>>;
  /** The sum that the objective makes a prediction of, from the encoded features of one row. */
  scorer: (saved: Saved) => (matrix: Float32Array) => number;
}
