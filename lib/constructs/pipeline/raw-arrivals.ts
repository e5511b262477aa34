import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { eventQueue } from '../event-queue.ts';
import { deadLetters } from './dead-letters.ts';
import { newObjects } from './new-objects.ts';

export interface RawArrivalsProps {
  queueName: string;
  deadLetterName: string;
  bucketName: string;
  /** Folders of the bucket to watch, each ending in `/`. */
  folders: readonly string[];
  /** Consumes the queue's messages; their visibility timeout is derived from its timeout. */
  trigger: IFunction;
  triggerTimeout: Duration;
  /** Objects that arrive within this window are one invocation, up to 1,000 of them. */
  window?: Duration;
  key: IKey;
}

/** Sends events of new raw objects to the trigger, through a queue that batches bursts and keeps failed messages. */
export class RawArrivals extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: RawArrivalsProps) {
    super(scope, id);
    const { key, folders, trigger, triggerTimeout, window = Duration.seconds(60) } = props;
    this.deadLetters = deadLetters(this, 'DeadLetters', props.deadLetterName, key);
    this.queue = new Queue(this, 'Queue', {
      queueName: props.queueName,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      // AWS recommends six times the function's timeout, so that throttled batches do not count as failed.
      visibilityTimeout: Duration.seconds(6 * triggerTimeout.toSeconds() + window.toSeconds()),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });
    new Rule(this, 'Rule', {
      description: 'New objects of the sources of a Millrace pipeline',
      eventPattern: newObjects(this, props.bucketName, folders),
      targets: [eventQueue(this.queue, this.deadLetters)],
    });
    const batches = new EventSourceMapping(this, 'Batches', {
      target: trigger,
      eventSourceArn: this.queue.queueArn,
      batchSize: 1000,
      maxBatchingWindow: window,
      // Two are enough, because only one of them can win the decision.
      maxConcurrency: 2,
      reportBatchItemFailures: true,
    });
    acknowledge(batches, {
      rule: 'LambdaEventSourceMappingDestination',
      in: ['Serverless'],
      reason: 'the queue has its own dead-letter queue; Lambda supports no failure destination for queues',
    });
  }
}
