import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface RecordStreamProps {
  streamName: string;
  /** `on-demand` follows the load; a number of shards stays as it is. */
  capacity: 'on-demand' | { shards: number };
  retentionHours: number;
  removal: RemovalPolicy;
  key: IKey;
}

/** A stream that records are put to. Who puts them needs `kinesis:PutRecords` on it and `kms:GenerateDataKey` on its key. */
export class RecordStream extends Construct {
  readonly stream: Stream;

  constructor(scope: Construct, id: string, props: RecordStreamProps) {
    super(scope, id);
    const { capacity } = props;
    this.stream = new Stream(this, 'Stream', {
      streamName: props.streamName,
      ...(capacity === 'on-demand'
        ? { streamMode: StreamMode.ON_DEMAND }
        : { streamMode: StreamMode.PROVISIONED, shardCount: capacity.shards }),
      retentionPeriod: Duration.hours(props.retentionHours),
      encryption: StreamEncryption.KMS,
      encryptionKey: props.key,
      removalPolicy: props.removal,
    });
    acknowledge(this.stream, {
      rule: 'KDS3',
      in: ['AwsSolutions'],
      reason: 'it has the key of its environment, which rotates and can be denied, as all else that holds data',
    });
  }
}
