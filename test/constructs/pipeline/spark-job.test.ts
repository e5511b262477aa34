import { readFileSync } from 'node:fs';
import path from 'node:path';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { SparkJob, type SparkJobProps } from 'millrace/constructs';
import { describe, expect, test } from 'vitest';
import type { WorkerType } from '../../../lib/compute/billing.ts';
import { projectFolder } from '../../../lib/local/root.ts';
import { account, keyArn, onlyOf, plainStack, propertiesOf, region, resourcesFor } from '../alone.ts';

const engineFolder = path.join(projectFolder, 'glue-scripts');

function job(more: Partial<SparkJobProps> = {}) {
  const { stack, key } = plainStack();
  const made = new SparkJob(stack, 'Job', {
    jobName: 'acme-churn',
    engineFolder,
    workerType: 'G.1X',
    maxWorkers: 4,
    executionClass: 'standard',
    timeoutMinutes: 90,
    permissions: [{ actions: ['dynamodb:GetItem'], resources: ['arn:aws:dynamodb:eu-central-1:111122223333:table/x'] }],
    temporary: 's3://acme-artefacts/temporary/',
    key,
    logPrefix: '/acme/churn',
    logDays: RetentionDays.ONE_MONTH,
    ...more,
  });
  return { stack, made, properties: onlyOf(stack, 'AWS::Glue::Job') };
}

describe('the Glue job', () => {
  test('runs Glue 5.1 with the given workers, one run at a time, and leaves retries to the state machine', () => {
    expect(job().properties).toMatchObject({
      Name: 'acme-churn',
      GlueVersion: '5.1',
      Command: { Name: 'glueetl', PythonVersion: '3' },
      WorkerType: 'G.1X',
      NumberOfWorkers: 4,
      MaxRetries: 0,
      Timeout: 90,
      ExecutionProperty: { MaxConcurrentRuns: 1 },
    });
  });

  test('lets the driver collect what fits into its memory', () => {
    const accepted = (workerType: WorkerType) =>
      /maxResultSize=(\S+)/.exec(job({ workerType }).properties.DefaultArguments['--conf'])![1];
    expect(accepted('G.1X')).toBe('9g');
    expect(accepted('R.8X')).toBe('153g');
  });

  test('queues for capacity, except on Flex, for which Glue has no queue', () => {
    expect(job().properties).toMatchObject({ ExecutionClass: 'STANDARD', JobRunQueuingEnabled: true });
    const flex = job({ executionClass: 'flex' }).properties;
    expect(flex).toMatchObject({ ExecutionClass: 'FLEX', JobRunQueuingEnabled: false });
  });

  test('installs the package versions tested on a laptop, and none that Glue provides', () => {
    const lock = readFileSync(path.join(engineFolder, 'requirements.txt'), 'utf8').split('\n');
    const { DefaultArguments } = job().properties;
    const added = (DefaultArguments['--additional-python-modules'] as string).split(',');
    expect(added.map((pin) => pin.split('==')[0])).toEqual(['scipy', 'xgboost-cpu']);
    expect(lock).toEqual(expect.arrayContaining(added));
    expect(DefaultArguments).toMatchObject({
      '--python-modules-installer-option': '--no-deps',
      '--datalake-formats': 'delta',
      '--job-bookmark-option': 'job-bookmark-disable',
      '--TempDir': 's3://acme-artefacts/temporary/',
    });
    expect(DefaultArguments['--conf']).toContain('spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension');
  });

  test('may do what it is granted, read its own code, use the key, and write its logs and metrics', () => {
    const { stack } = job();
    expect(resourcesFor(stack, 'dynamodb:GetItem')).toHaveLength(1);
    expect(resourcesFor(stack, 's3:GetObject')).toHaveLength(2);
    expect(resourcesFor(stack, 'kms:Decrypt')).toEqual([keyArn]);
    expect(resourcesFor(stack, 'cloudwatch:PutMetricData')).toEqual(['*']);
    expect(onlyOf(stack, 'AWS::IAM::Role').RoleName).toBe('acme-churn');
  });

  test('encrypts what Glue itself writes; its log groups then have names that Glue derives', () => {
    const { stack, properties } = job();
    expect(properties.SecurityConfiguration).toBe('acme-churn');
    const { EncryptionConfiguration } = onlyOf(stack, 'AWS::Glue::SecurityConfiguration');
    expect(JSON.stringify(EncryptionConfiguration).split(keyArn)).toHaveLength(4);
    expect(groupsOf(stack)).toEqual(
      ['error', 'output'].map((name) => `/acme/churn/acme-churn-role/acme-churn/${name}`),
    );
  });

  test('has no encryption configuration if declared so', () => {
    const { stack, properties } = job({ encrypted: false });
    expect(properties).not.toHaveProperty('SecurityConfiguration');
    expect(propertiesOf(stack, 'AWS::Glue::SecurityConfiguration')).toEqual([]);
    expect(groupsOf(stack)).toEqual(['/acme/churn/error', '/acme/churn/output']);
  });

  test('has an ARN that policies can use before it exists', () => {
    const { stack, made } = job();
    expect(JSON.stringify(stack.resolve(made.arn))).toContain(`:glue:${region}:${account}:job/acme-churn`);
  });
});

const groupsOf = (stack: Parameters<typeof propertiesOf>[0]) =>
  propertiesOf(stack, 'AWS::Logs::LogGroup')
    .map(({ LogGroupName }) => LogGroupName)
    .sort();
