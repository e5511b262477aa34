import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../lib/errors.ts';
import { sourceFolders } from '../../lib/permissions/lake.ts';
import { streamedTasks } from '../../lib/plan/streams.ts';
import { unstreamed } from '../cost/questions.ts';
import { clicks } from './clicks.ts';
import { type Resource, resources, synthesised } from './synthesised.ts';

const prod = synthesised('prod', {}, clicks);
const template = prod.templates['ingestion']!;
const all = (type: string, of = template) => Object.values(resources(of, type));

/** The delivery stream of that name, with its destination. */
const landing = (name: string, of = template) => {
  const found = all('AWS::KinesisFirehose::DeliveryStream', of).filter(
    ({ Properties }) => Properties.DeliveryStreamName === name,
  );
  expect(found).toHaveLength(1);
  return { ...found[0]!.Properties, to: found[0]!.Properties.ExtendedS3DestinationConfiguration };
};
const views = landing('millrace-prod-clicks-views');
const purchases = landing('millrace-prod-clicks-purchases-by-day');

test('an ingestion stack exists only if a source has a stream', () => {
  expect(Object.keys(prod.templates)).toEqual(['data', 'pipeline-clicks', 'ingestion', 'monitoring']);
  expect(Object.keys(synthesised('prod', {}, unstreamed).templates)).not.toContain('ingestion');
  expect(streamedTasks(unstreamed)).toEqual([]);
  const order = (name: string) => prod.stacks.find((stack) => stack.stackName.endsWith(name))!.dependencies;
  expect(order('ingestion').map((stack) => stack.stackName)).toContain('millrace-prod-pipeline-clicks');
  expect(order('monitoring').map((stack) => stack.stackName)).toContain('millrace-prod-ingestion');
});

describe('the streams', () => {
  const streams = (change: Parameters<typeof synthesised>[1]) =>
    all('AWS::Kinesis::Stream', synthesised('prod', change, clicks).templates['ingestion']).map(
      ({ Properties }) => Properties,
    );

  test('scale on demand and use the key of the environment', () => {
    const made = all('AWS::Kinesis::Stream');
    expect(made.map(({ Properties }) => Properties.Name).sort()).toEqual([
      'millrace-prod-clicks-purchases',
      'millrace-prod-clicks-views',
    ]);
    for (const { Properties, DeletionPolicy } of made) {
      expect(Properties).toMatchObject({ RetentionPeriodHours: 24, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
      expect(Properties.ShardCount).toBeUndefined();
      expect(Properties.StreamEncryption.EncryptionType).toBe('KMS');
      expect(JSON.stringify(Properties.StreamEncryption.KeyId)).toContain('millrace-prod-data:');
      expect(DeletionPolicy).toBe('RetainExceptOnCreate');
    }
    const dev = all('AWS::Kinesis::Stream', synthesised('dev', {}, clicks).templates['ingestion']);
    expect(dev.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(['Delete', 'Delete']);
  });

  test('have the shards and the retention of the environment', () => {
    for (const properties of streams({ streams: { capacity: { shards: 3 }, retentionHours: 168 } })) {
      expect(properties).toMatchObject({
        ShardCount: 3,
        RetentionPeriodHours: 168,
        StreamModeDetails: { StreamMode: 'PROVISIONED' },
      });
    }
  });
});

describe('a landing', () => {
  test('writes JSON lines to the folder of the source, with a line feed after each record', () => {
    for (const { to, DeliveryStreamType } of [views, purchases]) {
      expect(DeliveryStreamType).toBe('KinesisStreamAsSource');
      expect(to).toMatchObject({
        CompressionFormat: 'UNCOMPRESSED',
        FileExtension: '.json',
        BufferingHints: { IntervalInSeconds: 300, SizeInMBs: 64 },
        CloudWatchLoggingOptions: { Enabled: true, LogStreamName: expect.anything() },
      });
      expect(to.ProcessingConfiguration.Processors.at(-1)).toEqual({
        Type: 'AppendDelimiterToRecord',
        Parameters: [{ ParameterName: 'Delimiter', ParameterValue: '\\n' }],
      });
      expect(JSON.stringify(to.BucketARN)).toContain('millrace-prod-raw-');
      expect(JSON.stringify(to.EncryptionConfiguration)).toContain('millrace-prod-data:');
    }
  });

  test('by the day of arrival parses nothing', () => {
    expect(views.to.Prefix).toBe('clicks/views/!{timestamp:yyyy-MM-dd}-');
    expect(views.to.ProcessingConfiguration.Processors).toHaveLength(1);
    expect(views.to.DynamicPartitioningConfiguration).toBeUndefined();
  });

  test('by the day of a column takes the day from the record', () => {
    expect(purchases.to.Prefix).toBe('clicks/purchases/!{partitionKeyFromQuery:day}-!{timestamp:HH}-');
    expect(purchases.to.DynamicPartitioningConfiguration.Enabled).toBe(true);
    const [extraction] = purchases.to.ProcessingConfiguration.Processors;
    expect(extraction.Parameters).toEqual([
      {
        ParameterName: 'MetadataExtractionQuery',
        ParameterValue: '{day: .["at"][0:10] | strptime("%Y-%m-%d") | strftime("%Y-%m-%d")}',
      },
      { ParameterName: 'JsonParsingEngine', ParameterValue: 'JQ-1.6' },
    ]);
  });

  test('writes to no subfolder of its source, because it would not be listed', () => {
    for (const { to } of [views, purchases]) {
      const [, , ...name] = to.Prefix.replaceAll(/!\{[^}]*\}/g, '').split('/');
      expect(name).toHaveLength(1);
    }
  });

  test('has an error folder outside of all sources, so that its files start no run', () => {
    const errors = [views, purchases].map(({ to }) => to.ErrorOutputPrefix as string);
    expect(errors).toEqual([
      '_errors/clicks/views/!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/',
      '_errors/clicks/purchases/!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/',
    ]);
    const heard = sourceFolders(clicks);
    expect(heard).toEqual(['clicks/purchases/', 'clicks/views/']);
    expect(errors.filter((prefix) => heard.some((folder) => prefix.startsWith(folder)))).toEqual([]);
  });

  test('buffers for the time of the environment', () => {
    const streams = { bufferSeconds: 60, bufferMiB: 128 };
    const other = synthesised('prod', { streams }, clicks).templates['ingestion']!;
    const { to } = landing('millrace-prod-clicks-views', other);
    expect(to.BufferingHints).toEqual({ IntervalInSeconds: 60, SizeInMBs: 128 });
  });

  test('may only read its stream and write its folders', () => {
    const statements = all('AWS::IAM::ManagedPolicy')
      .map(({ Properties }) => JSON.stringify(Properties.PolicyDocument.Statement))
      .filter((text) => text.includes('kinesis:GetRecords'));
    expect(statements).toHaveLength(2);
    for (const [i, source] of ['purchases', 'views'].entries()) {
      const own = statements.find((text) => text.includes(`_errors/clicks/${source}/*`))!;
      expect(own).toContain(`/clicks/${source}/*`);
      expect(own).not.toContain(`/clicks/${['views', 'purchases'][i]}/`);
      expect(own).not.toMatch(/"[a-z0-9]+:[A-Za-z]*\*"/);
    }
  });
});

describe('a failed record', () => {
  test('gives a message in a queue with a dead-letter alarm', () => {
    const [rule] = all('AWS::Events::Rule');
    expect(rule!.Properties.EventPattern.detail.object.key).toEqual([
      { prefix: '_errors/clicks/views/' },
      { prefix: '_errors/clicks/purchases/' },
    ]);
    const [queue] = Object.entries(resources(template, 'AWS::SQS::Queue')) as [[string, Resource]];
    expect(rule!.Properties.Targets).toMatchObject([{ Arn: { 'Fn::GetAtt': [queue[0], 'Arn'] } }]);
    expect(queue[1].Properties.QueueName).toBe('millrace-prod-clicks-streams-dead-letters');
    const alarms = all('AWS::CloudWatch::Alarm', prod.templates['monitoring']);
    const named = JSON.stringify({ Name: 'QueueName', Value: queue[1].Properties.QueueName });
    const watching = alarms.filter(({ Properties }) => JSON.stringify(Properties).includes(named));
    expect(watching.map(({ Properties }) => Properties.AlarmName)).toEqual([
      'millrace-prod-clicks-streams-dead-letters',
    ]);
  });

  test('is not deleted before its message', () => {
    const kept = (raw: number | undefined) => () =>
      synthesised('dev', { retentionDays: { logs: 14, oldVersions: 7, accessLogs: 30, raw } }, clicks);
    expect(kept(14)).toThrow(MillraceError);
    expect(kept(14)).toThrow('MR610');
    expect(kept(15)).not.toThrow();
    expect(kept(undefined)).not.toThrow();
  });
});

test('each stream has alarms and graphs', () => {
  const named = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
    all(type, prod.templates['monitoring']).map(({ Properties }) => Properties.AlarmName),
  );
  const of = (source: string) => ['', '-landing', '-writes'].map((kind) => `${source}${kind}-iterator-age`);
  for (const name of ['views', 'purchases'].flatMap(of)) expect(named).toContain(`millrace-prod-clicks-${name}`);
  const [dashboard] = all('AWS::CloudWatch::Dashboard', prod.templates['monitoring']);
  const body = JSON.stringify(dashboard!.Properties.DashboardBody);
  for (const name of ['clicks-views', 'clicks-purchases-by-day']) expect(body).toContain(`millrace-prod-${name}`);
  expect(body).toContain('Age of records waiting to be landed');
});

test('a stream name that is too long is found before AWS does', () => {
  const source = 'every_single_click_that_anyone_makes';
  const tasks = clicks.tasks.map((task) => (task.name === 'views' ? { ...task, name: source } : task));
  expect(() => synthesised('prod', { prefix: 'millrace-production-eu' }, { ...clicks, tasks })).toThrow(
    /MR601 the landing name "millrace-production-eu-clicks-every_single_click_that_anyone_makes" has 66 characters; the limit is 64/,
  );
});
