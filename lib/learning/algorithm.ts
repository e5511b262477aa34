import type * as z from 'zod';

type Shape<T = unknown> = Readonly<Record<string, z.ZodType<T>>>;
type Value<S> = S extends Shape ? z.infer<z.ZodObject<S>> : never;

/** Parts of documents that depend on the algorithm. */
export interface AlgorithmParts {
  readonly name: string;
  /** Its settings in a definition. */
  readonly options: Shape;
  /** The same in a `train` task, with defaults. */
  readonly planned: z.ZodObject<{ name: z.ZodLiteral<string> }>;
  /** Settings that the grid varies, and settings that all grid points share. */
  readonly point: Shape<number>;
  readonly settings: Shape<number>;
  /** Its part of `model.json`. */
  readonly saved: Shape;
  /** Names for nested types in the generated Python. */
  readonly types: Shape;
}

type Planned<P> = P extends AlgorithmParts ? z.infer<P['planned']> : never;
type Options<P> = P extends AlgorithmParts ? Value<P['options']> : never;
type Saved<P> = P extends AlgorithmParts ? Value<P['saved']> : never;
type Chosen<P> = P extends AlgorithmParts ? Value<P['point']> & Value<P['settings']> : never;

/** How a model learns. An algorithm defines its settings and defaults, its part of `model.json` and the scorer. Each has one record in `algorithms/`. */
export interface Algorithm<P> {
  readonly parts: P;
  /** The settings in the plan, with defaults. */
  plan: (options: Options<P>) => Planned<P>;
  /** Number of fits per fold of the grid search, for the cost forecast. */
  fitsPerFold: (planned: Planned<P>) => number;
  /** Columns of the grid table in the report: field of a grid point -> heading. */
  readonly pointHeadings: Readonly<Record<string, string>>;
  /** The shared settings, as the end of the sentence `Refitted on the whole training part`. */
  refitted: (chosen: Chosen<P>) => string;
  /** Computes a row's sum from its encoded features. The objective turns the sum into a score. */
  scorer: (saved: Saved<P>) => (matrix: Float32Array) => number;
}
