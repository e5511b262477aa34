import { Template } from 'aws-cdk-lib/assertions';
import { DeltaCatalog } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { churn } from '../../stacks/synthesised.ts';
import { account, onlyOf, plainStack, propertiesOf } from '../alone.ts';

const { stack } = plainStack();
new DeltaCatalog(stack, 'Catalog', { plan: churn, databaseName: 'acme_churn', lakeBucketName: 'acme-lake' });
const tables = propertiesOf(stack, 'AWS::Glue::Table');
const input = (name: string) => tables.map(({ TableInput }) => TableInput).find(({ Name }) => Name === name);

test("a pipeline has its own database, in the pipeline's folder", () => {
  expect(onlyOf(stack, 'AWS::Glue::Database')).toMatchObject({
    CatalogId: account,
    DatabaseInput: { Name: 'acme_churn', LocationUri: 's3://acme-lake/lake/churn/' },
  });
});

test('each task that writes has a table, in the folder to which the engine writes', () => {
  const written = churn.tasks.filter((task) => task.kind !== 'train');
  expect(tables).toHaveLength(written.length);
  expect(input('churn_features').StorageDescriptor.Location).toBe('s3://acme-lake/lake/churn/feature/churn_features');
  expect(input('customers').StorageDescriptor.Location).toBe('s3://acme-lake/lake/churn/bronze/customers');
});

test("readers recognise a Delta table: it has Spark's provider and no Hive partitions", () => {
  expect(input('churn_features')).toMatchObject({
    TableType: 'EXTERNAL_TABLE',
    PartitionKeys: [],
    Parameters: {
      table_type: 'DELTA',
      classification: 'delta',
      'spark.sql.sources.provider': 'delta',
      'millrace.layer': 'feature',
      'millrace.task': 'churn_features',
      'millrace.partitionBy': 'region_id',
    },
  });
  expect(input('customers').Parameters).not.toHaveProperty('millrace.partitionBy');
});

test('a table depends on its database, which it only names by text', () => {
  const [database] = Object.keys(Template.fromStack(stack).findResources('AWS::Glue::Database'));
  for (const { DependsOn } of Object.values(Template.fromStack(stack).findResources('AWS::Glue::Table')))
    expect(DependsOn).toContain(database);
});
