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
  /** Folders of the bucket in which an object means that records could not be landed; each ends in `/`. */
  folders: readonly string[];
  key: IKey;
}

/** A message for each file of records that a stream could not land, in a queue that is empty while all is well. */
export class RejectedRecords extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: RejectedRecordsProps) {
    super(scope, id);
    this.queue = deadLetters(this, 'DeadLetters', props.queueName, props.key);
    acknowledge(this.queue, {
      rule: 'SQS3',
      in: ['AwsSolutions'],
      reason: 'it is the last place of what could not be landed, which the rule of cdk-nag does not look at',
    });
    const rule = new Rule(this, 'Rule', {
      description: 'Records that streams of a Millrace pipeline could not land',
      eventPattern: newObjects(this, props.bucketName, props.folders),
      targets: [eventQueue(this.queue)],
    });
    acknowledge(rule, {
      rule: 'EventBusDLQ',
      in: ['Serverless'],
      reason: 'its target is a queue of dead letters; what it tells of stays in the bucket whether it is told or not',
    });
  }
}
