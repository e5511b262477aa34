import { RemovalPolicy } from 'aws-cdk-lib';
import { RecordStream, type RecordStreamProps } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { keyArn, onlyOf, plainStack } from '../alone.ts';

function stream(more: Partial<RecordStreamProps> = {}) {
  const { stack, key } = plainStack();
  const usual = { streamName: 'acme-views', retentionHours: 48, removal: RemovalPolicy.RETAIN, key };
  new RecordStream(stack, 'Views', { ...usual, capacity: 'on-demand', ...more });
  return onlyOf(stack, 'AWS::Kinesis::Stream');
}

test('a stream keeps records for the given hours, encrypted with the given key', () => {
  expect(stream()).toMatchObject({
    Name: 'acme-views',
    RetentionPeriodHours: 48,
    StreamEncryption: { EncryptionType: 'KMS', KeyId: keyArn },
  });
});

test('it is on demand, or has the given shards', () => {
  expect(stream().StreamModeDetails).toEqual({ StreamMode: 'ON_DEMAND' });
  expect(stream()).not.toHaveProperty('ShardCount');
  expect(stream({ capacity: { shards: 3 } })).toMatchObject({
    ShardCount: 3,
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
  });
});
