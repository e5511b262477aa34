import type * as z from 'zod';

type Shape<T = unknown> = Readonly<Record<string, z.ZodType<T>>>;
type Value<S> = S extends Shape ? z.infer<z.ZodObject<S>> : never;

/** Parts of documents that depend on how a model learns. */
export interface AlgorithmParts {
  readonly name: string;
  /** Its settings in a definition, beside `algorithm`. */
  readonly asked: Shape;
  /** The same in a `train` task, with defaults. */
  readonly planned: z.ZodObject<{ name: z.ZodLiteral<string> }>;
  /** What a point of the grid consists of; and what all points share. */
  readonly point: Shape<number>;
  readonly settings: Shape<number>;
  /** Its part of `model.json`. */
  readonly saved: Shape;
  /** Names of the engine's types of what is within these. */
  readonly types: Shape;
}

type Planned<P> = P extends AlgorithmParts ? z.infer<P['planned']> : never;
type Asked<P> = P extends AlgorithmParts ? Value<P['asked']> : never;
type Saved<P> = P extends AlgorithmParts ? Value<P['saved']> : never;
type Chosen<P> = P extends AlgorithmParts ? Value<P['point']> & Value<P['settings']> : never;

/**
 * How a model learns. It owns its settings and their defaults, what is saved of a fit and how that scores. One record each, in
 * `algorithms/`.
 */
export interface Algorithm<P> {
  readonly parts: P;
  /** The plan's settings, with defaults for what the definition leaves out. */
  plan: (asked: Asked<P>) => Planned<P>;
  /** Models that a search of the grid fits on each fold: the forecast of cost counts them. */
  fitsPerFold: (planned: Planned<P>) => number;
  /** Columns of the grid's table in the report: a field of the point -> its heading. */
  readonly pointHeadings: Readonly<Record<string, string>>;
  /** The settings, as the end of `refitted on the whole training part`. */
  refitted: (chosen: Chosen<P>) => string;
  /** The sum that the objective makes a prediction of, from the encoded features of one row. */
  scorer: (saved: Saved<P>) => (matrix: Float32Array) => number;
}
