import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface RecordStreamProps {
  streamName: string;
  /** `on-demand` scales with the load; a number of shards is fixed. */
  capacity: 'on-demand' | { shards: number };
  retentionHours: number;
  removal: RemovalPolicy;
  key: IKey;
}

/** A Kinesis stream for records. A producer needs `kinesis:PutRecords` on it and `kms:GenerateDataKey` on its key. */
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
      reason: 'it uses the key of its environment, which rotates and can be denied, like all other data stores',
    });
  }
}
