import type { RunDocument, TaskResult } from '../../lib/documents/run-document.ts';
import type { Plan } from '../../lib/plan/schema.ts';
import type { BinaryDossier, BinaryModel, BinaryResult } from '../learning/binary.ts';
import { samplePlan } from './sample-plan.ts';

/** A churn run as in the demo: 100,000 customers, half a million interactions, one model. */

const nothing = {
  written: 0,
  aggregated: {},
  deduplicated: 0,
  filtered: {},
  quarantined: {},
  lookups: {},
  warnings: [],
};

function result(
  task: string,
  kind: TaskResult['kind'],
  layer: string | undefined,
  given: Partial<TaskResult> & Pick<TaskResult, 'read' | 'seconds'>,
): TaskResult {
  const rows = given.written ?? 0;
  const table = layer === undefined ? {} : { table: { name: task, layer, version: 0, rows } };
  const volume = { files: 2, bytes: given.read * 90 };
  const metrics = {
    phases: { read: given.seconds * 0.3, compute: given.seconds * 0.5, write: given.seconds * 0.2 },
    peak_memory_bytes: 512_000_000,
    read: volume,
    written: { ...volume, removed: 0 },
  };
  return {
    ...nothing,
    metrics,
    task,
    kind,
    stage: kind === 'predict' ? 'predict' : 'build',
    mode: 'full',
    ...table,
    ...given,
  };
}

const tasks: TaskResult[] = [
  result('customers', 'ingest', 'bronze', {
    read: 101_312,
    written: 101_303,
    quarantined: { wrong_number_of_fields: 9 },
    seconds: 1.02,
  }),
  result('new_customers', 'ingest', 'bronze', { read: 1_200, written: 1_200, seconds: 0.11 }),
  result('interactions', 'ingest', 'bronze', {
    read: 500_420,
    written: 500_383,
    quarantined: { not_json: 25, wrong_type: 12 },
    seconds: 2.91,
  }),
  result('regions', 'ingest', 'bronze', { read: 24, written: 24, seconds: 0.06 }),
  result('regions_clean', 'transform', 'silver', { read: 24, written: 24, seconds: 0.21 }),
  result('customers_clean', 'transform', 'silver', {
    read: 102_503,
    written: 100_000,
    deduplicated: 2_200,
    quarantined: {
      has_id: 12,
      join_date_is_a_date: 61,
      age_is_a_number: 118,
      monthly_charges_is_a_number: 40,
      total_charges_is_a_number: 72,
    },
    lookups: { regions_clean: 24 },
    seconds: 1.34,
  }),
  result('interactions_clean', 'transform', 'silver', {
    read: 500_383,
    written: 500_000,
    quarantined: { has_customer: 383 },
    seconds: 1.62,
  }),
  result('region_churn', 'transform', 'gold', {
    read: 100_000,
    aggregated: { region_churn: 98_802 },
    filtered: { labelled: 1_198 },
    table: { name: 'region_churn', layer: 'gold', version: 0, rows: 25 },
    seconds: 0.38,
  }),
  result('churn_features', 'transform', 'feature', {
    read: 600_000,
    written: 100_000,
    aggregated: { churn_features: 118_440 },
    filtered: { before_snapshot: 3_112, within_90_days: 377_936, known_customer: 512 },
    warnings: ['tenure_is_not_negative: min(tenure_days) >= 0 does not hold (3 rows)'],
    seconds: 1.97,
  }),
  result('train_churn', 'train', undefined, {
    read: 100_000,
    aggregated: { churn: 98_802 },
    filtered: { unlabelled: 1_198 },
    seconds: 4.86,
  }),
  result('predictions', 'predict', 'gold', {
    read: 100_000,
    written: 1_198,
    filtered: { has_label: 98_802 },
    seconds: 0.74,
  }),
];

const rows = { train: 79_042, test: 19_760, train_positive: 20_551, test_positive: 5_138 };
const base = rows.test_positive / rows.test;

/** Two normal score distributions whose means differ by `apart`; their ROC curve is known in closed form. */
const apart = 1.5344;
const falseAlarms = Array.from({ length: 201 }, (_, i) => (i / 200) ** 2);
const roc = falseAlarms.map((fpr): [number, number] => [fpr, truePositives(fpr)]);
const pr = roc.slice(1).map(([fpr, tpr]): [number, number] => [tpr, (base * tpr) / (base * tpr + (1 - base) * fpr)]);

const metrics = {
  auc: 0.8611,
  pr_auc: 0.6952,
  accuracy: 0.8094,
  log_loss: 0.4087,
  brier: 0.1313,
  threshold: 0.3427,
  confusion: { tp: 3_610, fp: 2_238, tn: 12_384, fn: 1_528 },
};

const grid: BinaryDossier['grid'] = [
  { max_depth: 3, rounds: 50, auc: 0.8561, auc_by_fold: [0.8549, 0.8583, 0.8551] },
  { max_depth: 3, rounds: 100, auc: 0.8597, auc_by_fold: [0.8586, 0.8619, 0.8586] },
  { max_depth: 5, rounds: 50, auc: 0.8584, auc_by_fold: [0.8571, 0.8607, 0.8574] },
  { max_depth: 5, rounds: 100, auc: 0.8578, auc_by_fold: [0.8566, 0.8597, 0.8571] },
];

const importance: BinaryDossier['importance'] = Object.entries({
  complaints_90d: 0.231,
  mean_sentiment_90d: 0.164,
  'contract_type=monthly': 0.128,
  tenure_days: 0.109,
  share_resolved_90d: 0.077,
  monthly_charges: 0.062,
  mean_sentiment_30d: 0.051,
  complaints_30d: 0.044,
  days_since_last: 0.038,
  'payment_method=electronic_check': 0.029,
  competitors: 0.021,
  age: 0.015,
  total_charges: 0.012,
  average_income: 0.0082,
  'plan_type=basic': 0.0063,
  'device_type=router': 0.0004,
}).map(([feature, share]) => ({ feature, share }));

const slices: BinaryDossier['slices'] = [
  { feature: 'contract_type', value: 'monthly', rows: 10_841, auc: 0.8417 },
  { feature: 'contract_type', value: 'one_year', rows: 5_022, auc: 0.8503 },
  { feature: 'contract_type', value: 'two_year', rows: 3_897, auc: 0.8132 },
  { feature: 'plan_type', value: 'basic', rows: 8_020, auc: 0.8597 },
  { feature: 'plan_type', value: 'family', rows: 4_901, auc: 0.8622 },
  { feature: 'plan_type', value: 'premium', rows: 6_801, auc: 0.8634 },
  { feature: 'plan_type', value: '', rows: 38, auc: 0.7471 },
];

const calibration: BinaryDossier['calibration'] = [
  [0.021, 0.018],
  [0.044, 0.047],
  [0.075, 0.071],
  [0.116, 0.121],
  [0.168, 0.162],
  [0.236, 0.244],
  [0.322, 0.317],
  [0.431, 0.442],
  [0.561, 0.553],
  [0.748, 0.731],
].map(([mean_score, share_positive]) => ({ mean_score: mean_score!, share_positive: share_positive!, rows: 1_976 }));

const learning = { objective: 'binary', algorithm: 'gradient-boosted-trees' } as const;

export const sampleDossier: BinaryDossier = {
  format: 'millrace-dossier',
  version: 1,
  name: 'churn',
  model_version: 3,
  ...learning,
  metrics,
  roc,
  pr,
  calibration,
  importance,
  grid,
  rows,
  slices,
};

const chosen = { max_depth: 3, rounds: 100, learning_rate: 0.1 };

const sampleModelResult: BinaryResult = {
  ...learning,
  metrics,
  name: 'churn',
  version: 3,
  verdict: 'promote',
  reason: 'AUC 0.861 is not below the gate of 0.750',
  rows,
  chosen,
  folder: 'models/churn/churn/v3',
};

export const sampleModel: BinaryModel = {
  format: 'millrace-model',
  version: 1,
  pipeline: 'churn',
  name: 'churn',
  model_version: 3,
  ...learning,
  label: 'churn',
  key: ['customer_id'],
  features: [
    { name: 'tenure_days', kind: 'numeric', fill: 812 },
    { name: 'contract_type', kind: 'categorical', categories: ['monthly', 'one_year', 'two_year'] },
  ],
  encoded: ['tenure_days', 'contract_type=monthly', 'contract_type=one_year', 'contract_type=two_year'],
  base_margin: -1.04,
  trees: [{ feature: [0], threshold: [0], left: [-1], right: [-1], value: [0.01] }],
  chosen,
  grid,
  metrics,
  importance,
  rows,
  seed: 42,
  folds: 3,
  test_share: 0.2,
  data: [{ table: 'churn_features', version: 0 }],
  libraries: { python: '3.11.9', xgboost: '3.0.2', pyarrow: '20.0.0', pysail: '0.3.1', deltalake: '1.1.0' },
};

const etag = (seed: number) =>
  Array.from({ length: 64 }, (_, i) => ((seed * 7 + i * i * 5) % 16).toString(16)).join('');

export const sampleRun: RunDocument = {
  run: '20250701-060004-7f3a',
  pipeline: 'churn',
  status: 'succeeded',
  engine: 'sail',
  started_at: '2025-07-01T06:00:04.120Z',
  seconds: 19.84,
  parameters: { snapshot_date: '2025-06-30' },
  tasks,
  skipped: [],
  reasons: tasks.map(({ task }) => ({ task, why: 'never built' })),
  models: [sampleModelResult],
  inputs: [
    ...[1, 2, 3, 4, 5].map((n) => ({
      source: 'customers',
      path: `customers/2025-06-${n + 10}.csv`,
      etag: etag(n),
      size: 2_310_442 + n * 31_337,
    })),
    { source: 'new_customers', path: 'new_customers/2025-06.csv', etag: etag(21), size: 120_413 },
    { source: 'interactions', path: 'interactions/part-0001.json', etag: etag(31), size: 48_220_117 },
    { source: 'interactions', path: 'interactions/part-0002.json', etag: etag(32), size: 39_018_201 },
    { source: 'regions', path: 'regions/regions.parquet', etag: etag(41), size: 3_122 },
  ],
  phases: [
    { name: 'prepare', seconds: 1.04 },
    { name: 'engine start', seconds: 1.61 },
    { name: 'build', seconds: 15.02 },
    { name: 'predict', seconds: 1.91 },
    { name: 'report', seconds: 0.26 },
  ],
  best_possible: 0.8744,
  issues: [],
};

/** The plan with a gate that holds the model of the sample. */
export const strictPlan: Plan = {
  ...samplePlan,
  tasks: samplePlan.tasks.map((task) =>
    task.kind === 'train' ? { ...task, objective: 'binary', gate: { auc: 0.9 } } : task,
  ),
};

/** The run whose model was held, so that it has no predictions. */
export const heldRun: RunDocument = {
  ...sampleRun,
  status: 'held',
  tasks: tasks.slice(0, -1),
  skipped: [{ task: 'predictions', why: 'the model was held by the gate' }],
  models: [{ ...sampleModelResult, verdict: 'hold', reason: 'AUC 0.861 is below the gate of 0.900' }],
};

export const failedRun: RunDocument = {
  ...sampleRun,
  status: 'failed',
  seconds: 7.1,
  tasks: tasks.slice(0, 5),
  reasons: sampleRun.reasons.slice(0, 6),
  models: [],
  phases: sampleRun.phases.slice(0, 2),
  issues: [
    {
      code: 'MR305',
      path: 'pipelines/churn/silver/customers_clean.sql',
      message: '102,503 rows were read and 102,498 accounted for: the SQL drops 5 rows',
      hint: 'use LEFT JOIN where a region may be unknown, or name the rows to leave out in `keep`',
    },
  ],
};

export const idleRun: RunDocument = {
  ...sampleRun,
  status: 'nothing to do',
  seconds: 0.41,
  tasks: [],
  reasons: [],
  models: [],
  inputs: [],
  phases: [{ name: 'prepare', seconds: 0.41 }],
  skipped: samplePlan.tasks.map((task) => ({
    task: task.name,
    why: task.kind === 'ingest' ? 'no new input' : 'nothing new upstream',
  })),
};

function truePositives(fpr: number): number {
  if (fpr <= 0 || fpr >= 1) return fpr;
  return normal(apart + quantile(fpr));
}

/** Abramowitz and Stegun 7.1.26, good to 1.5e-7. */
function normal(x: number): number {
  const t = 1 / (1 + 0.3275911 * (Math.abs(x) / Math.SQRT2));
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const half = 0.5 * poly * Math.exp((-x * x) / 2);
  return x < 0 ? half : 1 - half;
}

function quantile(p: number): number {
  let low = -9;
  let high = 9;
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (normal(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
