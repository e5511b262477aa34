import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { dpuOfWorker, type WorkerType } from '../../lib/compute/billing.ts';
import type { CostEnvironment } from '../../lib/cost/cost-sizes.ts';
import { prices } from '../../lib/cost/price-table.ts';
import { regions } from '../../lib/cost/prices.ts';
import type { Question } from '../../lib/cost/question.ts';
import { assumedThroughput, measuredThroughput } from '../../lib/cost/throughput.ts';
import { type RunDocument, runDocument } from '../../lib/documents/run-document.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { type Plan, planSchema } from '../../lib/plan/schema.ts';
import { sized } from './environments.ts';

const golden = (name: string): Plan =>
  planSchema.parse(
    JSON.parse(readFileSync(path.join(projectFolder, 'contracts', 'golden', `${name}.plan.json`), 'utf8')),
  );

export const churn = golden('churn');
const small = golden('small');

/** The churn plan without its stream. */
export const unstreamed: Plan = {
  ...churn,
  tasks: churn.tasks.map((task) => {
    if (task.kind !== 'ingest' || !('stream' in task.source)) return task;
    const { stream: _, ...source } = task.source;
    return { ...task, source };
  }),
};

/** The churn plan with two sources as streams: interactions by the day of a column, customers by the day of arrival. */
export const streamed: Plan = {
  ...churn,
  tasks: churn.tasks.map((task) => {
    if (task.kind !== 'ingest') return task;
    const by = (stream: { partitionBy?: string }) => ({
      ...task,
      source: { format: 'json' as const, headers: {}, stream },
    });
    if (task.name === 'customers') return by({});
    return task.name === 'interactions' ? by({ partitionBy: 'ts' }) : task;
  }),
};

/** The churn pipeline in prod, before anything has run. */
export const question = (change: Partial<Question> = {}): Question => ({
  plan: churn,
  prices,
  size: { rows: 1_000_000 },
  throughput: assumedThroughput(change.plan ?? churn),
  environment: sized.prod,
  ...change,
});

/** Rows of each churn table for a hundred input rows; tables not named here have 50 rows in total. */
const perHundred: Record<string, number> = {
  customers: 16,
  new_customers: 1,
  interactions: 83,
  customers_clean: 17,
  interactions_clean: 83,
  churn_features: 17,
  train_churn: 17,
  predictions: 17,
};

export const bytesOfRow = 130;

/** The report of a full run of churn over that many rows, at `secondsPerMillion` per task; always 50 regions. */
export function ranOn(rows: number, secondsPerMillion = 4, run = 'r-20260102t030405-0001'): RunDocument {
  const of = (name: string) => (name in perHundred ? Math.round((rows * perHundred[name]!) / 100) : 50);
  const nothing = { aggregated: {}, deduplicated: 0, filtered: {}, quarantined: {}, lookups: {}, warnings: [] };
  const tasks = churn.tasks.map((task) => {
    const read = task.name === 'region_churn' ? of('customers_clean') : of(task.name);
    const written = task.kind === 'train' ? 0 : task.name === 'region_churn' ? 50 : read;
    const layer = task.kind === 'train' || task.kind === 'predict' ? 'gold' : task.layer;
    const table = task.kind === 'train' ? {} : { table: { name: task.name, layer, version: 0, rows: written } };
    const seconds = (read * secondsPerMillion) / 1e6;
    return {
      ...nothing,
      task: task.name,
      kind: task.kind,
      stage: task.stage,
      mode: 'full',
      read,
      written,
      seconds,
      ...table,
    };
  });
  return runDocument.parse({
    run,
    pipeline: 'churn',
    status: 'succeeded',
    engine: 'sail',
    started_at: '2026-01-02T03:04:05.000Z',
    seconds: 20,
    parameters: {},
    tasks,
    skipped: [],
    reasons: [],
    models: [],
    inputs: [{ source: 'customers', path: 'customers/a.csv', etag: 'a', size: rows * bytesOfRow }],
    phases: [
      { name: 'prepare', seconds: 1 },
      { name: 'engine start (build)', seconds: 2 },
      { name: 'stage build', seconds: 10 },
      { name: 'engine start (predict)', seconds: 1 },
      { name: 'stage predict', seconds: 3 },
    ],
    issues: [],
  });
}

const count = (max: number) => fc.integer({ min: 0, max });

const anyEnvironment: fc.Arbitrary<CostEnvironment> = fc.record({
  name: fc.constant('any'),
  region: fc.constantFrom(...regions),
  workerType: fc.constantFrom(...(Object.keys(dpuOfWorker) as WorkerType[])),
  workers: fc.integer({ min: 2, max: 12 }),
  flex: fc.boolean(),
  cluster: fc.constant('transient'),
  runsPerMonth: count(800),
  newShare: fc.oneof(fc.constantFrom(0, 1e-7, 1), fc.double({ min: 0, max: 1, noNaN: true })),
  retentionDays: count(365),
  logRetentionDays: count(365),
  lambdaMemoryMb: fc.integer({ min: 128, max: 3008 }),
  alarms: count(50),
  compositeAlarms: count(10),
  metrics: count(50),
  dashboards: count(3),
  kmsKeys: count(5),
  interfaceEndpoints: count(10),
  natGateways: count(3),
  shards: count(4),
  streamRetentionHours: fc.integer({ min: 24, max: 168 }),
  streamBufferSeconds: fc.integer({ min: 60, max: 900 }),
  streamBufferMiB: fc.integer({ min: 64, max: 128 }),
});

export const anyRows = fc.oneof(count(1000), count(2_000_000_000));

/** Any plan, size and throughput: assumed, or measured on fewer or more rows, fast or slow, on some cores. */
export const anyQuestion: fc.Arbitrary<Question> = fc
  .record({
    rows: anyRows,
    environment: anyEnvironment,
    kind: fc.constantFrom('assumed', 'measured', 'small', 'streamed'),
    measuredRows: fc.integer({ min: 1000, max: 10_000_000 }),
    secondsPerMillion: fc.double({ min: 0.01, max: 1000, noNaN: true }),
    cores: fc.integer({ min: 1, max: 32 }),
    partitioned: fc.boolean(),
  })
  .map((drawn) => {
    const { rows, environment, kind, measuredRows, secondsPerMillion, cores, partitioned } = drawn;
    const large = kind === 'streamed' ? streamed : churn;
    const plan = kind === 'small' ? small : partitioned ? partitionedBy('customers_clean', 'region_id', large) : large;
    const throughput =
      kind === 'measured'
        ? measuredThroughput(plan, [ranOn(measuredRows, secondsPerMillion)], cores)
        : assumedThroughput(plan);
    // Shown on failure without the plan and the prices, which are long.
    return { plan, prices, size: { rows }, throughput, environment, [fc.toStringMethod]: () => JSON.stringify(drawn) };
  });

/** The churn plan with one more table partitioned. */
export function partitionedBy(table: string, column: string, of = churn): Plan {
  const tasks = of.tasks.map((task) =>
    task.kind === 'transform' && task.name === table ? { ...task, partitionBy: [column] } : task,
  );
  return { ...of, tasks };
}
