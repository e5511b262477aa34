import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { tableContracts } from '../../../lib/constructs/lake/table-contracts.ts';
import { projectFolder } from '../../../lib/local/root.ts';
import { planSchema } from '../../../lib/plan/schema.ts';
import { churn } from '../../stacks/synthesised.ts';

const contracts = tableContracts(churn);
const columnsOf = (name: string) =>
  contracts.find((contract) => contract.name === name)!.columns.map((column) => `${column.name} ${column.type}`);

test('a bronze table has the columns of its files, then those that the engine adds', () => {
  expect(columnsOf('regions')).toEqual([
    ...['region_id string', 'population bigint', 'average_income double', 'competitors int'],
    ...['_row bigint', '_source_file string', '_ingested_at timestamp', '_run_id string'],
  ]);
});

test('a table with one row per input row begins with the row number, an aggregate has none', () => {
  expect(columnsOf('regions_clean')[0]).toBe('_row bigint');
  expect(columnsOf('region_churn')).toEqual([
    ...['region_id string', 'customers bigint', 'cancelled bigint', 'churn_rate double', 'monthly_revenue double'],
  ]);
});

test("predictions have the key of the features and the model's output", () => {
  expect(columnsOf('predictions')).toEqual([
    ...['customer_id string', 'score double', 'predicted int', 'model_version bigint'],
  ]);
  expect(contracts.find((contract) => contract.name === 'predictions')?.layer).toBe('gold');
});

test('predictions of a number have one column', () => {
  const tasks = churn.tasks.map((task) =>
    task.kind === 'train' ? { ...task, objective: 'regression' as const, gate: { r2: 0 } } : task,
  );
  const predictions = tableContracts({ ...churn, tasks }).find(({ name }) => name === 'predictions');
  expect(predictions?.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
    ...['customer_id string', 'predicted double', 'model_version bigint'],
  ]);
});

test('a column that may not be null is declared so, and partitions are those of the plan', () => {
  const features = contracts.find((contract) => contract.name === 'churn_features')!;
  expect(features.columns.find((column) => column.name === 'customer_id')?.comment).toBe('never null');
  expect(features.columns.find((column) => column.name === 'churn')?.comment).toBe('');
  expect(features.partitionBy).toEqual(['region_id']);
});

test('the extra bronze columns are those that the engine adds', () => {
  const engine = readFileSync(path.join(projectFolder, 'glue-scripts', 'engine', 'arrow_types.py'), 'utf8');
  const added = /BRONZE_COLUMNS[^=]*= \[([\s\S]*?)\n\]/.exec(engine)![1]!;
  const expected = [...added.matchAll(/"name": "(\w+)", "type": "(\w+)"/g)].map(([, name, type]) => `${name} ${type}`);
  expect(expected).toHaveLength(4);
  expect(columnsOf('customers').slice(-4)).toEqual(expected);
});

test('training writes no table in any plan', () => {
  const small = path.join(projectFolder, 'contracts', 'golden', 'small.plan.json');
  const plan = planSchema.parse(JSON.parse(readFileSync(small, 'utf8')));
  const writing = plan.tasks.filter((task) => task.kind !== 'train');
  expect(tableContracts(plan).map((contract) => contract.task)).toEqual(writing.map((task) => task.name));
});
