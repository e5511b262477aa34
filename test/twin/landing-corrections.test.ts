import { setTimeout as sleep } from 'node:timers/promises';
import { CreateDeliveryStreamCommand, FirehoseClient, type Processor } from '@aws-sdk/client-firehose';
import { CreateStreamCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test } from 'vitest';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { kinesisClient } from './kinesis.ts';

const bucket = 'landed';
const records = [
  '{"at":"2026-01-01T00:00:00Z","n":1}',
  '{"at":"2026-01-01T23:00:00Z","n":2}',
  'none',
  '{"at":"2026/01/02"}',
];
const query = '{day: .["at"][0:10] | strptime("%Y-%m-%d") | strftime("%Y-%m-%d")}';

/** The objects that a landing by the day of a column writes: path without its unique part -> the texts of the objects. */
async function landed(twin: Twin): Promise<Record<string, string[]>> {
  Object.assign(process.env, twin.environment);
  const kinesis = kinesisClient('us-east-1');
  const firehose = new FirehoseClient({});
  const s3 = new S3Client({ forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await kinesis.send(new CreateStreamCommand({ StreamName: 'clicks', ShardCount: 1 }));
  const roleArn = 'arn:aws:iam::000000000000:role/landing';
  const processors: Processor[] = [
    { Type: 'MetadataExtraction', Parameters: [{ ParameterName: 'MetadataExtractionQuery', ParameterValue: query }] },
    { Type: 'AppendDelimiterToRecord' },
  ];
  const landing = new CreateDeliveryStreamCommand({
    DeliveryStreamName: 'landing',
    DeliveryStreamType: 'KinesisStreamAsSource',
    KinesisStreamSourceConfiguration: {
      KinesisStreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/clicks',
      RoleARN: roleArn,
    },
    ExtendedS3DestinationConfiguration: {
      BucketARN: `arn:aws:s3:::${bucket}`,
      RoleARN: roleArn,
      Prefix: 'good/!{partitionKeyFromQuery:day}-!{timestamp:yyyy}-',
      ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/!{timestamp:yyyy}/',
      FileExtension: '.json',
      DynamicPartitioningConfiguration: { Enabled: true },
      ProcessingConfiguration: { Enabled: true, Processors: processors },
    },
  });
  await firehose.send(landing);
  const Records = records.map((text) => ({ Data: Buffer.from(text), PartitionKey: '1' }));
  await kinesis.send(new PutRecordsCommand({ StreamName: 'clicks', Records }));
  await sleep(5000);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  const found: Record<string, string[]> = {};
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: Key! }));
    const place = Key!.replace(/-?\d{4}-landing-.*$|\/\d{4}\/landing-.*$/, '');
    found[place] = [...(found[place] ?? []), await Body!.transformToString()];
  }
  return found;
}

const raw = (texts: string[] | undefined) =>
  (texts ?? [])
    .flatMap((text) => text.trimEnd().split('\n'))
    .map((line) => Buffer.from((JSON.parse(line) as { rawData: string }).rawData, 'base64').toString())
    .sort();

describe.skipIf(!isTwinInstalled())('Firehose', () => {
  const before = { ...process.env };
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });

  test('on the twin puts records of one day into one file, one per line, and records without a day elsewhere', async () => {
    await using twin = await startTwin();
    const { 'good/2026-01-01': good, 'errors/processing-failed': errors, ...rest } = await landed(twin);
    expect(rest).toEqual({});
    expect(good).toEqual([`${records[0]}\n${records[1]}\n`]);
    expect(errors).toHaveLength(1);
    expect(raw(errors)).toEqual([...records.slice(2)].sort());
  });

  test('as published takes no day from a text: if it does, its corrections are no longer needed', async () => {
    await using twin = await startTwin({ asPublished: true });
    const { 'errors/processing-failed': errors, ...rest } = await landed(twin);
    expect(rest).toEqual({});
    expect(errors).toHaveLength(records.length); // one object per record
    expect(raw(errors)).toEqual([...records].sort());
  });
});
