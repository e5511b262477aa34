import { createHash } from 'node:crypto';
import { csv } from '../../lib/definition/formats/csv.ts';
import { json } from '../../lib/definition/formats/json.ts';
import { parquet } from '../../lib/definition/formats/parquet.ts';
import type { Column, IngestTask, Plan, Read, Task, TransformTask } from '../../lib/plan/schema.ts';

/** The plan of the churn pipeline, with only the columns that its picture needs. */

const print = (name: string) => ({ value: createHash('sha256').update(name).digest('hex'), parts: {} });
const text = (name: string): Column => ({ name, type: 'string', nullable: true });

const sources = {
  csv: { format: 'csv', ...csv.defaults, mayLack: [] },
  json: { format: 'json', ...json.defaults },
  parquet: { format: 'parquet', ...parquet.defaults, mayLack: [] },
} satisfies Record<string, IngestTask['source']>;

function ingest(name: string, format: keyof typeof sources): IngestTask {
  return {
    kind: 'ingest',
    name,
    layer: 'bronze',
    stage: 'build',
    upstream: [],
    fingerprint: print(name),
    source: sources[format],
    path: `${name}/*.${format}`,
    optional: name === 'new_customers',
    columns: [text('id')],
  };
}

export function transform(
  name: string,
  layer: TransformTask['layer'],
  reads: (Pick<Read, 'table'> & Partial<Read>)[],
  given: Partial<TransformTask> = {},
): TransformTask {
  return {
    kind: 'transform',
    name,
    layer,
    stage: 'build',
    upstream: reads.map((read) => read.table),
    fingerprint: print(name),
    sqlFile: `pipelines/churn/${layer}/${name}.sql`,
    sql: 'SELECT 1',
    reads: reads.map((read) => ({ use: 'rows', scope: 'all', keep: [], quarantine: [], ...read })),
    columns: [text('id')],
    key: [],
    latestBy: [],
    partitionBy: [],
    expect: [],
    parameters: [],
    lineage: {},
    ...given,
  };
}

const number = (column: string) =>
  `trim(coalesce(${column}, '')) = '' OR try_cast(trim(${column}) AS DOUBLE) IS NOT NULL`;
const customerRules = [
  { name: 'has_id', sql: "trim(customer_id) <> ''" },
  { name: 'join_date_is_a_date', sql: 'try_cast(trim(join_date) AS DATE) IS NOT NULL' },
  ...['age', 'monthly_charges', 'total_charges'].map((c) => ({ name: `${c}_is_a_number`, sql: number(c) })),
];
const byCustomer = { affected: 'customer_id' };

const tasks: Task[] = [
  ingest('customers', 'csv'),
  ingest('new_customers', 'csv'),
  ingest('interactions', 'json'),
  ingest('regions', 'parquet'),
  transform('regions_clean', 'silver', [{ table: 'regions' }], { key: ['region_id'] }),
  transform(
    'customers_clean',
    'silver',
    [
      { table: 'customers', scope: byCustomer, quarantine: customerRules },
      { table: 'new_customers', scope: byCustomer, quarantine: customerRules },
      { table: 'regions_clean', use: 'lookup' },
    ],
    { key: ['customer_id'], latestBy: ['updated_at'] },
  ),
  transform('interactions_clean', 'silver', [
    { table: 'interactions', scope: 'new', quarantine: [{ name: 'has_customer', sql: "trim(customer_id) <> ''" }] },
  ]),
  transform('region_churn', 'gold', [
    {
      table: 'customers_clean',
      use: 'aggregate',
      scope: { affected: 'region_id' },
      keep: [{ name: 'labelled', sql: 'churn IS NOT NULL' }],
    },
  ]),
  transform(
    'churn_features',
    'feature',
    [
      { table: 'customers_clean', scope: byCustomer },
      {
        table: 'interactions_clean',
        use: 'aggregate',
        scope: byCustomer,
        keep: [
          { name: 'before_snapshot', sql: 'ts < CAST(:snapshot_date AS TIMESTAMP)' },
          { name: 'within_90_days', sql: 'ts >= CAST(date_sub(:snapshot_date, 90) AS TIMESTAMP)' },
          { name: 'known_customer', column: 'customer_id', isIn: 'customers_clean' },
        ],
      },
    ],
    {
      expect: [
        { name: 'not_empty', sql: 'count(*) > 0', severity: 'error' },
        { name: 'tenure_is_not_negative', sql: 'min(tenure_days) >= 0', severity: 'warn' },
      ],
      key: ['customer_id'],
    },
  ),
  {
    kind: 'train',
    name: 'train_churn',
    model: 'churn',
    stage: 'build',
    upstream: ['churn_features'],
    fingerprint: print('train_churn'),
    features: 'churn_features',
    label: 'churn',
    key: ['customer_id'],
    inputs: [{ name: 'tenure_days', type: 'int' }],
    objective: 'binary',
    algorithm: {
      name: 'gradient-boosted-trees',
      grid: { maxDepth: [3, 5], rounds: [50, 100] },
      learningRate: 0.1,
    },
    folds: 3,
    testShare: 0.2,
    seed: 42,
    gate: { auc: 0.75 },
  },
  {
    kind: 'predict',
    name: 'predictions',
    model: 'churn',
    stage: 'predict',
    upstream: ['churn_features', 'train_churn'],
    fingerprint: print('predictions'),
    features: 'churn_features',
    label: 'churn',
    key: ['customer_id'],
    table: 'predictions',
  },
];

export const samplePlan: Plan = {
  format: 'millrace-plan',
  version: 1,
  pipeline: 'churn',
  parameters: [{ name: 'snapshot_date', type: 'date', default: '2025-06-30' }],
  stages: ['build', 'predict'].map((name) => ({
    name,
    compute: 'glue',
    tasks: tasks.filter((task) => task.stage === name).map((task) => task.name),
    timeoutSeconds: 3600,
  })),
  tasks,
};
