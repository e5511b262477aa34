import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

/** A dead-letter queue, which keeps messages for the maximum time of SQS. An alarm watches it. */
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
    reason: 'it is itself a dead-letter queue',
  });
  return queue;
}
