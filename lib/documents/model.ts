import * as z from 'zod';
import type { AlgorithmParts } from '../learning/algorithm.ts';
import { eachLearning, type Named } from '../learning/each.ts';
import type { AlgorithmName, ObjectiveName, PartsOfAlgorithm, PartsOfObjective } from '../learning/learning.ts';
import type { ObjectiveParts } from '../learning/objective.ts';

/** The model artefact, data and never code. `contracts/model.schema.json` is generated from this file. */

const count = z.int().nonnegative();
const unit = z.number().min(0).max(1);

/** A feature column and how it is encoded as columns of the matrix. Learned from the training part only. */
const modelFeature = z.discriminatedUnion('kind', [
  /** One matrix column; a missing value takes `fill`. Booleans are 0 and 1; dates are days since 1970-01-01. */
  z.strictObject({ name: z.string(), kind: z.literal('numeric'), fill: z.number() }),
  /** One 0/1 matrix column per category, in this order; a missing or unseen value is 0 in all of them. */
  z.strictObject({ name: z.string(), kind: z.literal('categorical'), categories: z.array(z.string()) }),
]);

const importance = z.strictObject({ feature: z.string(), share: unit });
/** Delta versions the model was trained on. */
const trainedOn = z.strictObject({ table: z.string(), version: count });

/** Smallest and greatest value of a bin, and its rows. A frequent value has a separate bin: smallest and greatest are both that value. */
const bin = z.strictObject({ from: z.number(), to: z.number(), rows: count });

/** The distribution of an input's values in the training part. */
const spread = z.discriminatedUnion('kind', [
  /** Numbers as the model reads them: booleans are 0 and 1, dates and times days since 1970-01-01. */
  z.strictObject({ name: z.string(), kind: z.literal('numeric'), bins: z.array(bin), missing: count }),
  /** The most frequent first; `other` counts the rows of all other values. */
  z.strictObject({
    name: z.string(),
    kind: z.literal('categorical'),
    categories: z.array(z.strictObject({ value: z.string(), rows: count })),
    other: count,
    missing: count,
  }),
]);

const distribution = z.strictObject({
  /** Rows of the training part. */
  rows: count,
  /** Every input of the definition, including constant ones, which the model does not use. */
  features: z.array(spread),
  /** Scores of the hold-out. */
  scores: z.array(bin),
});

const notCompared = z.strictObject({ against: z.int(), why_not: z.string() });

/** SHA-256 of the labelled rows and of the training parameters. Equal values give the same model. */
const learned = z.strictObject({ rows: z.string(), parameters: z.string() });

/** The parts that a model, its dossier and its entry in a run document share. */
export function candidateParts<P extends ObjectiveParts, Q extends AlgorithmParts>(
  objective: Named<P>,
  algorithm: Named<Q>,
) {
  // Typed one by one, because a general type would lose the names in the parts.
  const { point, settings } = algorithm.parts as { point: Q['point']; settings: Q['settings'] };
  const { searched } = objective.parts as { searched: P['searched'] };
  const grid = z.array(z.strictObject({ ...point, ...searched }));
  const { metrics, rows } = objective.parts as { metrics: P['metrics']; rows: P['rows'] };
  const chosen = z.strictObject({ ...point, ...settings });
  return { grid, chosen, named: { objective: objective.name, algorithm: algorithm.name, metrics, rows } };
}

function modelOf<P extends ObjectiveParts, Q extends AlgorithmParts>(objective: Named<P>, algorithm: Named<Q>) {
  const { named, grid, chosen } = candidateParts(objective, algorithm);
  const saved: Q['saved'] = algorithm.parts.saved;
  return z.strictObject({
    format: z.literal('millrace-model'),
    version: z.literal(1),
    pipeline: z.string(),
    name: z.string(),
    model_version: z.int(),
    ...named,
    label: z.string(),
    key: z.array(z.string()),
    features: z.array(modelFeature),
    /** Names of the matrix columns, in order: `plan_type=basic` for a category, the column's own name otherwise. */
    encoded: z.array(z.string()),
    ...saved,
    chosen,
    grid,
    importance: z.array(importance),
    seed: z.int(),
    folds: z.int(),
    test_share: z.number(),
    data: z.array(trainedOn),
    libraries: z.record(z.string(), z.string()),
  });
}

function dossierOf<P extends ObjectiveParts, Q extends AlgorithmParts>(objective: Named<P>, algorithm: Named<Q>) {
  const { named, grid } = candidateParts(objective, algorithm);
  const { metrics } = named;
  const { drawn, compared } = objective.parts as { drawn: P['drawn']; compared: P['compared'] };
  const { slice, leak } = objective.parts as { slice: P['slice']; leak: P['leak'] };
  /** The candidate compared with another version, on hold-out rows that neither learned from. */
  const comparison = z.union([
    z.strictObject({
      against: z.int(),
      rows: count,
      ...compared,
      /** The other version's metrics on these rows. */
      metrics,
      /** Set if both versions give every row the same score, within the tolerance between the two scoring methods. */
      same_scores: z.boolean().optional(),
    }),
    notCompared,
  ]);
  return z.strictObject({
    format: z.literal('millrace-dossier'),
    version: z.literal(1),
    name: z.string(),
    model_version: z.int(),
    ...named,
    ...drawn,
    slices: z.array(slice),
    leaks: z.array(leak).optional(),
    importance: z.array(importance),
    grid,
    /** For comparison with other versions. Missing in dossiers of older engines. */
    distribution: distribution.optional(),
    learned: learned.optional(),
    /** Comparisons with the live version, then with the one before it. */
    comparisons: z.array(comparison).optional(),
  });
}

export const modelSchema =
  eachLearning<{
    [O in ObjectiveName]: {
      [A in AlgorithmName]: ReturnType<typeof modelOf<PartsOfObjective[O], PartsOfAlgorithm[A]>>;
    };
  }>(modelOf);

/** What the report needs beside the model. Curves have at most 500 points. */
export const dossierSchema =
  eachLearning<{
    [O in ObjectiveName]: {
      [A in AlgorithmName]: ReturnType<typeof dossierOf<PartsOfObjective[O], PartsOfAlgorithm[A]>>;
    };
  }>(dossierOf);

/** The checks before a training: `models/<pipeline>/<model>/reviews/<run>.json`. Written only if a version is live. */
export const reviewSchema = z.strictObject({
  format: z.literal('millrace-review'),
  version: z.literal(1),
  run: z.string(),
  model: z.string(),
  /** The version that was live. */
  against: z.int(),
  /** Rows that the live version has not seen, with or without a label. */
  new_rows: count,
  /** The distribution of these rows if there are enough; `scores` are the live version's. */
  distribution: distribution.optional(),
  /** Why no model was trained. */
  unchanged: z.string().optional(),
});

export const manifestSchema = z.strictObject({
  format: z.literal('millrace-manifest'),
  version: z.literal(1),
  files: z.record(z.string(), z.strictObject({ sha256: z.string(), bytes: count })),
});

/** Names of the types in the generated files. */
export const typesOfModel = {
  NumericFeature: modelFeature.options[0],
  CategoricalFeature: modelFeature.options[1],
  Feature: modelFeature,
  Importance: importance,
  TrainedOn: trainedOn,
  Bin: bin,
  NumericSpread: spread.options[0],
  CategoricalSpread: spread.options[1],
  ValueRows: spread.options[1].shape.categories.element,
  Spread: spread,
  Distribution: distribution,
  NotCompared: notCompared,
  Learned: learned,
  ManifestFile: manifestSchema.shape.files.valueType,
};

export type Model = z.infer<typeof modelSchema>;
export type Dossier = z.infer<typeof dossierSchema>;
export type Comparison = NonNullable<Dossier['comparisons']>[number];
export type Compared = Extract<Comparison, { difference: number }>;
export type Review = z.infer<typeof reviewSchema>;
export type Distribution = z.infer<typeof distribution>;
export type Spread = z.infer<typeof spread>;
export type Bin = z.infer<typeof bin>;
