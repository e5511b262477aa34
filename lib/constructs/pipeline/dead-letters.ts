import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

/** Where what could not be delivered waits for a person, for as long as SQS keeps anything. An alarm watches it. */
export function deadLetters(scope: Construct, id: string, queueName: string, key: IKey): Queue {
  const queue = new Queue(scope, id, {
    queueName,
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  acknowledge(queue, {
    rule: 'SQSRedrivePolicy',
    in: ['Serverless'],
    reason: 'it is where dead letters go; there is no further place for them',
  });
  return queue;
}
