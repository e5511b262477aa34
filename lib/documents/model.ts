import * as z from 'zod';

/** The model artefact, data and never code. `contracts/model.schema.json` is generated from this file. */

const count = z.int().nonnegative();
const unit = z.number().min(0).max(1);

/** A column of the feature table and how it becomes columns of the matrix. Learned from the training part only. */
const modelFeature = z.discriminatedUnion('kind', [
  /** One matrix column; a missing value takes `fill`. Booleans are 0 and 1; dates are days since 1970-01-01. */
  z.strictObject({ name: z.string(), kind: z.literal('numeric'), fill: z.number() }),
  /** One 0/1 matrix column a category, in this order; a missing or unseen value is 0 in all of them. */
  z.strictObject({ name: z.string(), kind: z.literal('categorical'), categories: z.array(z.string()) }),
]);

/** A tree as parallel arrays. Node 0 is the root; `left[i] === -1` marks a leaf, whose value is `value[i]`. */
const tree = z.strictObject({
  feature: z.array(z.int()),
  /** Go left when float32(x) < threshold. */
  threshold: z.array(z.number()),
  left: z.array(z.int()),
  right: z.array(z.int()),
  value: z.array(z.number()),
});

export const metrics = z.strictObject({
  auc: unit,
  pr_auc: unit,
  accuracy: unit,
  log_loss: z.number().nonnegative(),
  brier: unit,
  /** Maximises F1 on the out-of-fold scores of the training part. */
  threshold: z.number(),
  confusion: z.strictObject({ tp: count, fp: count, tn: count, fn: count }),
});

export const modelSchema = z.strictObject({
  format: z.literal('millrace-model'),
  version: z.literal(1),
  pipeline: z.string(),
  name: z.string(),
  model_version: z.int(),
  algorithm: z.literal('gradient-boosted-trees'),
  label: z.string(),
  key: z.array(z.string()),
  features: z.array(modelFeature),
  /** Names of the matrix columns, in order: `plan_type=basic` for a category, the column's own name otherwise. */
  encoded: z.array(z.string()),
  /** Log-odds every score starts from; score = sigmoid(base_margin + sum of one leaf a tree). */
  base_margin: z.number(),
  trees: z.array(tree),
  chosen: z.strictObject({ max_depth: z.int(), rounds: z.int(), learning_rate: z.number() }),
  grid: z.array(z.strictObject({ max_depth: z.int(), rounds: z.int(), auc: unit, auc_by_fold: z.array(unit) })),
  metrics,
  importance: z.array(z.strictObject({ feature: z.string(), share: unit })),
  rows: z.strictObject({ train: count, test: count, train_positive: count, test_positive: count }),
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
    /** Of the candidate on these rows. */
    auc: unit,
    /** The candidate's AUC less the other's: below 0 the candidate is worse. */
    difference: z.number(),
    /** 95 % interval of the difference, by a paired bootstrap. */
    interval: z.tuple([z.number(), z.number()]),
    /** Of the other version on these rows. */
    metrics,
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
  metrics,
  /** [false positive rate, true positive rate], from scores. */
  roc: z.array(z.tuple([unit, unit])),
  /** [recall, precision], from scores. */
  pr: z.array(z.tuple([unit, unit])),
  /** Ten bins of equal size by score. */
  calibration: z.array(z.strictObject({ mean_score: unit, share_positive: unit, rows: count })),
  importance: modelSchema.shape.importance,
  grid: modelSchema.shape.grid,
  rows: modelSchema.shape.rows,
  /** Hold-out AUC by the most frequent values of each categorical input, where both classes appear often enough. */
  slices: z.array(z.strictObject({ feature: z.string(), value: z.string(), rows: count, auc: unit })),
  /** What other versions are compared with; dossiers of engines of old have none. */
  distribution: distribution.optional(),
  /** SHA-256 of the labelled rows and of the parameters of learning: equal ones give the same model. */
  learned: z.strictObject({ rows: z.string(), parameters: z.string() }).optional(),
  /** Features that explain the label alone, with the AUC that each reaches on the hold-out. */
  leaks: z.array(z.strictObject({ feature: z.string(), auc: unit })).optional(),
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
  Tree: tree,
  Metrics: metrics,
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
  Confusion: metrics.shape.confusion,
  Chosen: modelSchema.shape.chosen,
  ManifestFile: manifestSchema.shape.files.valueType,
  Leak: dossierSchema.shape.leaks.unwrap().element,
};

export type Model = z.infer<typeof modelSchema>;
export type Metrics = z.infer<typeof metrics>;
export type Dossier = z.infer<typeof dossierSchema>;
export type Comparison = z.infer<typeof comparison>;
export type Compared = Extract<Comparison, { difference: number }>;
export type Review = z.infer<typeof reviewSchema>;
export type Distribution = z.infer<typeof distribution>;
export type Spread = z.infer<typeof spread>;
export type Bin = z.infer<typeof bin>;
