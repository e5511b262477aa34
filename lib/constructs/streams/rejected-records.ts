import { Rule } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { eventQueue } from '../event-queue.ts';
import { deadLetters } from '../pipeline/dead-letters.ts';
import { newObjects } from '../pipeline/new-objects.ts';

export interface RejectedRecordsProps {
  queueName: string;
  bucketName: string;
  /** Folders of the bucket for records that could not be landed; each ends in `/`. */
  folders: readonly string[];
  key: IKey;
}

/** Sends a message to a dead-letter queue for each file of records that a stream could not land. */
export class RejectedRecords extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: RejectedRecordsProps) {
    super(scope, id);
    this.queue = deadLetters(this, 'DeadLetters', props.queueName, props.key);
    acknowledge(this.queue, {
      rule: 'SQS3',
      in: ['AwsSolutions'],
      reason: 'it is itself a dead-letter queue, which the cdk-nag rule does not recognise',
    });
    const rule = new Rule(this, 'Rule', {
      description: 'Records that streams of a Millrace pipeline could not land',
      eventPattern: newObjects(this, props.bucketName, props.folders),
      targets: [eventQueue(this.queue)],
    });
    acknowledge(rule, {
      rule: 'EventBusDLQ',
      in: ['Serverless'],
      reason: 'its target is a dead-letter queue; the records stay in the bucket even if the message is lost',
    });
  }
}
