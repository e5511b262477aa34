import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { StreamLanding, type StreamLandingProps } from 'millrace/constructs';
import { describe, expect, test } from 'vitest';
import { account, keyArn, onlyOf, plainStack, region, resourcesFor, statementsIn } from '../alone.ts';

const streamArn = `arn:aws:kinesis:${region}:${account}:stream/acme-views`;

function landing(more: Partial<StreamLandingProps> = {}) {
  const { stack, key } = plainStack();
  new StreamLanding(stack, 'Landing', {
    deliveryStreamName: 'acme-views-landing',
    stream: Stream.fromStreamArn(stack, 'Stream', streamArn),
    bucketName: 'acme-raw',
    folder: 'churn/views/',
    errorFolder: 'rejected/churn/views/',
    buffer: { seconds: 300, mebibytes: 64 },
    key,
    logGroupName: '/acme/views',
    logDays: RetentionDays.ONE_MONTH,
    ...more,
  });
  const delivery = onlyOf(stack, 'AWS::KinesisFirehose::DeliveryStream');
  return { stack, delivery, to: delivery.ExtendedS3DestinationConfiguration };
}

describe('a landing', () => {
  test('reads the stream and writes JSON lines files at a size or time limit', () => {
    const { delivery, to } = landing();
    expect(delivery.KinesisStreamSourceConfiguration.KinesisStreamARN).toBe(streamArn);
    expect(to).toMatchObject({
      BucketARN: 'arn:aws:s3:::acme-raw',
      FileExtension: '.json',
      CompressionFormat: 'UNCOMPRESSED',
      BufferingHints: { IntervalInSeconds: 300, SizeInMBs: 64 },
      EncryptionConfiguration: { KMSEncryptionConfig: { AWSKMSKeyARN: keyArn } },
    });
    expect(to.ProcessingConfiguration.Processors.at(-1)).toEqual({
      Type: 'AppendDelimiterToRecord',
      Parameters: [{ ParameterName: 'Delimiter', ParameterValue: '\\n' }],
    });
  });

  test('names files by day, directly in the folder of the source', () => {
    const { Prefix, ErrorOutputPrefix } = landing().to;
    expect(Prefix).toBe('churn/views/!{timestamp:yyyy-MM-dd}-');
    expect(Prefix.slice('churn/views/'.length)).not.toContain('/');
    expect(ErrorOutputPrefix).toMatch(/^rejected\/churn\/views\//);
  });

  test('does not parse records if the day is that of arrival, so that invalid JSON is delivered too', () => {
    const { to } = landing();
    expect(to.ProcessingConfiguration.Processors.map(({ Type }: { Type: string }) => Type)).toEqual([
      'AppendDelimiterToRecord',
    ]);
    expect(to.DynamicPartitioningConfiguration).toBeUndefined();
  });

  test('takes the day from a declared key of the records, whatever characters it has', () => {
    const { to } = landing({ partitionBy: 'the "ts"' });
    expect(to.DynamicPartitioningConfiguration).toMatchObject({ Enabled: true });
    expect(to.Prefix).toBe('churn/views/!{partitionKeyFromQuery:day}-!{timestamp:HH}-');
    const [extraction] = to.ProcessingConfiguration.Processors;
    expect(extraction).toMatchObject({ Type: 'MetadataExtraction' });
    expect(extraction.Parameters[0].ParameterValue).toContain('.["the \\"ts\\""][0:10]');
  });

  test('may only read its stream, write its two folders and use the key', () => {
    const { stack } = landing();
    expect(resourcesFor(stack, 'kinesis:GetRecords')).toEqual([streamArn]);
    expect(resourcesFor(stack, 's3:PutObject')).toEqual([
      'arn:aws:s3:::acme-raw/churn/views/*',
      'arn:aws:s3:::acme-raw/rejected/churn/views/*',
    ]);
    expect(resourcesFor(stack, 'kms:GenerateDataKey')).toEqual([keyArn]);
    expect(statementsIn(stack).flatMap(({ Resource }) => Resource)).not.toContain('*');
    expect(onlyOf(stack, 'AWS::IAM::Role').AssumeRolePolicyDocument.Statement).toMatchObject([
      { Principal: { Service: 'firehose.amazonaws.com' } },
    ]);
  });

  test('logs what it cannot deliver', () => {
    const { stack, to } = landing();
    expect(onlyOf(stack, 'AWS::Logs::LogGroup')).toMatchObject({ LogGroupName: '/acme/views', RetentionInDays: 30 });
    expect(to.CloudWatchLoggingOptions).toMatchObject({ Enabled: true });
  });
});
