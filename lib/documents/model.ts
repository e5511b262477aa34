import * as z from 'zod';
import { algorithms, objectives } from '../learning/learning.ts';

/** The model artefact, data and never code. `contracts/model.schema.json` is generated from this file. */

const count = z.int().nonnegative();
const unit = z.number().min(0).max(1);

const { binary } = objectives;
const { 'gradient-boosted-trees': boosted } = algorithms;

/** Absent in documents of models that were trained when there was one objective. */
const objective = z.literal(binary.name).optional();

/** A column of the feature table and how it becomes columns of the matrix. Learned from the training part only. */
const modelFeature = z.discriminatedUnion('kind', [
  /** One matrix column; a missing value takes `fill`. Booleans are 0 and 1; dates are days since 1970-01-01. */
  z.strictObject({ name: z.string(), kind: z.literal('numeric'), fill: z.number() }),
  /** One 0/1 matrix column a category, in this order; a missing or unseen value is 0 in all of them. */
  z.strictObject({ name: z.string(), kind: z.literal('categorical'), categories: z.array(z.string()) }),
]);

export const modelSchema = z.strictObject({
  format: z.literal('millrace-model'),
  version: z.literal(1),
  pipeline: z.string(),
  name: z.string(),
  model_version: z.int(),
  objective,
  algorithm: z.literal(boosted.name),
  label: z.string(),
  key: z.array(z.string()),
  features: z.array(modelFeature),
  /** Names of the matrix columns, in order: `plan_type=basic` for a category, the column's own name otherwise. */
  encoded: z.array(z.string()),
  ...boosted.saved,
  chosen: z.strictObject({ ...boosted.point, ...boosted.settings }),
  grid: z.array(z.strictObject({ ...boosted.point, ...binary.searched })),
  metrics: binary.metrics,
  importance: z.array(z.strictObject({ feature: z.string(), share: unit })),
  rows: binary.rows,
  seed: z.int(),
  folds: z.int(),
  test_share: z.number(),
  /** Delta versions the model was trained on. */
  data: z.array(z.strictObject({ table: z.string(), version: count })),
  libraries: z.record(z.string(), z.string()),
});

/** Smallest and greatest value of a bin, and its rows. A frequent value has a bin of its own, where both are that value. */
const bin = z.strictObject({ from: z.number(), to: z.number(), rows: count });

/** How the values of an input were spread over the training part. */
const spread = z.discriminatedUnion('kind', [
  /** Numbers as the model reads them: booleans are 0 and 1, dates and times days since 1970-01-01. */
  z.strictObject({ name: z.string(), kind: z.literal('numeric'), bins: z.array(bin), missing: count }),
  /** The most frequent first; `other` is the rows of all values that are not listed. */
  z.strictObject({
    name: z.string(),
    kind: z.literal('categorical'),
    categories: z.array(z.strictObject({ value: z.string(), rows: count })),
    other: count,
    missing: count,
  }),
]);

const distribution = z.strictObject({
  /** Of the training part. */
  rows: count,
  /** Every input that the model was given, also one that is constant and was left out. */
  features: z.array(spread),
  /** Of the hold-out. */
  scores: z.array(bin),
});

/** Candidate and another version on rows of the candidate's hold-out that neither learned from. */
const comparison = z.union([
  z.strictObject({
    against: z.int(),
    rows: count,
    ...binary.comparison,
    /** Of the other version on these rows. */
    metrics: binary.metrics,
    /** There where both give each of these rows the same score, to within what the two ways of scoring differ by. */
    same_scores: z.boolean().optional(),
  }),
  z.strictObject({ against: z.int(), why_not: z.string() }),
]);

/** What a reader needs beside the model to draw it; points are thinned to at most 500 a curve. */
export const dossierSchema = z.strictObject({
  format: z.literal('millrace-dossier'),
  version: z.literal(1),
  name: z.string(),
  model_version: z.int(),
  objective,
  metrics: binary.metrics,
  ...binary.dossier,
  importance: modelSchema.shape.importance,
  grid: modelSchema.shape.grid,
  rows: modelSchema.shape.rows,
  /** What other versions are compared with; dossiers of engines of old have none. */
  distribution: distribution.optional(),
  /** SHA-256 of the labelled rows and of the parameters of learning: equal ones give the same model. */
  learned: z.strictObject({ rows: z.string(), parameters: z.string() }).optional(),
  /** The candidate beside other versions: the live one first, then the one before it. */
  comparisons: z.array(comparison).optional(),
});

/** What a training found before it learned; `models/<pipeline>/<model>/reviews/<run>.json`, there where a version is live. */
export const reviewSchema = z.strictObject({
  format: z.literal('millrace-review'),
  version: z.literal(1),
  run: z.string(),
  model: z.string(),
  /** The version that was live. */
  against: z.int(),
  /** Rows that this version has not seen, labelled or not. */
  new_rows: count,
  /** Of these rows, where there are enough; `scores` are those that the live version gives them. */
  distribution: distribution.optional(),
  /** Why nothing was learned. */
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
  Tree: boosted.saved.trees.element,
  Metrics: binary.metrics,
  TriedPoint: modelSchema.shape.grid.element,
  Importance: modelSchema.shape.importance.element,
  RowsOfParts: modelSchema.shape.rows,
  TrainedOn: modelSchema.shape.data.element,
  Bin: bin,
  NumericSpread: spread.options[0],
  CategoricalSpread: spread.options[1],
  ValueRows: spread.options[1].shape.categories.element,
  Spread: spread,
  Distribution: distribution,
  Compared: comparison.options[0],
  NotCompared: comparison.options[1],
  Comparison: comparison,
  CalibrationBin: dossierSchema.shape.calibration.element,
  Slice: dossierSchema.shape.slices.element,
  Learned: dossierSchema.shape.learned.unwrap(),
  Confusion: binary.metrics.shape.confusion,
  Chosen: modelSchema.shape.chosen,
  ManifestFile: manifestSchema.shape.files.valueType,
  Leak: dossierSchema.shape.leaks.unwrap().element,
};

export type Model = z.infer<typeof modelSchema>;
export type Metrics = Model['metrics'];
export type Dossier = z.infer<typeof dossierSchema>;
export type Comparison = z.infer<typeof comparison>;
export type Compared = Extract<Comparison, { difference: number }>;
export type Review = z.infer<typeof reviewSchema>;
export type Distribution = z.infer<typeof distribution>;
export type Spread = z.infer<typeof spread>;
export type Bin = z.infer<typeof bin>;
