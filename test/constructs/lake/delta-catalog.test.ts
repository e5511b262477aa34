import { Template } from 'aws-cdk-lib/assertions';
import { DeltaCatalog } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { churn } from '../../stacks/synthesised.ts';
import { account, onlyOf, plainStack, propertiesOf } from '../alone.ts';

const { stack } = plainStack();
new DeltaCatalog(stack, 'Catalog', { plan: churn, databaseName: 'acme_churn', lakeBucketName: 'acme-lake' });
const tables = propertiesOf(stack, 'AWS::Glue::Table');
const input = (name: string) => tables.map(({ TableInput }) => TableInput).find(({ Name }) => Name === name);

test('a pipeline has a database of its own, whose folder is that of the pipeline', () => {
  expect(onlyOf(stack, 'AWS::Glue::Database')).toMatchObject({
    CatalogId: account,
    DatabaseInput: { Name: 'acme_churn', LocationUri: 's3://acme-lake/lake/churn/' },
  });
});

test('each task that writes has a table, in the folder to which the engine writes it', () => {
  const written = churn.tasks.filter((task) => task.kind !== 'train');
  expect(tables).toHaveLength(written.length);
  expect(input('churn_features').StorageDescriptor.Location).toBe('s3://acme-lake/lake/churn/feature/churn_features');
  expect(input('customers').StorageDescriptor.Location).toBe('s3://acme-lake/lake/churn/bronze/customers');
});

test('readers take a table for Delta: the provider of Spark, no partitions of Hive', () => {
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

test('a table comes after its database, which it names by a text', () => {
  const [database] = Object.keys(Template.fromStack(stack).findResources('AWS::Glue::Database'));
  for (const { DependsOn } of Object.values(Template.fromStack(stack).findResources('AWS::Glue::Table')))
    expect(DependsOn).toContain(database);
});
