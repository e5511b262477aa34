import { Duration } from 'aws-cdk-lib';
import { Function as LambdaByArn } from 'aws-cdk-lib/aws-lambda';
import { RawArrivals, type RawArrivalsProps } from 'millrace/constructs';
import { describe, expect, test } from 'vitest';
import { account, keyArn, onlyOf, plainStack, propertiesOf, region, type Statement } from '../alone.ts';

function arrivals(more: Partial<RawArrivalsProps> = {}) {
  const { stack, key } = plainStack();
  new RawArrivals(stack, 'Arrivals', {
    queueName: 'acme-arrivals',
    deadLetterName: 'acme-arrivals-dead',
    bucketName: 'acme-raw',
    folders: ['churn/customers/'],
    trigger: LambdaByArn.fromFunctionArn(stack, 'Trigger', `arn:aws:lambda:${region}:${account}:function:trigger`),
    triggerTimeout: Duration.seconds(30),
    key,
    ...more,
  });
  const [dead, queue] = ['acme-arrivals-dead', 'acme-arrivals'].map((name) =>
    propertiesOf(stack, 'AWS::SQS::Queue').find(({ QueueName }) => QueueName === name),
  );
  return { stack, dead, queue };
}

describe('arrivals', () => {
  test("are the new objects in the sources' folders", () => {
    const { EventPattern, Targets } = onlyOf(arrivals().stack, 'AWS::Events::Rule');
    expect(EventPattern.detail).toEqual({
      bucket: { name: ['acme-raw'] },
      object: { key: [{ prefix: 'churn/customers/' }] },
    });
    expect(Targets).toMatchObject([
      {
        Arn: expect.stringMatching(/^<ArrivalsQueue\w+\.Arn>$/),
        DeadLetterConfig: { Arn: expect.stringMatching(/^<ArrivalsDeadLetters\w+\.Arn>$/) },
      },
    ]);
  });

  test('reach the trigger in batches of 1,000, two at a time, and failed ones are retried alone', () => {
    expect(onlyOf(arrivals().stack, 'AWS::Lambda::EventSourceMapping')).toMatchObject({
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: 60,
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test("stay invisible for six times the function's timeout plus the window, as AWS recommends", () => {
    expect(arrivals().queue.VisibilityTimeout).toBe(6 * 30 + 60);
    const slow = arrivals({ triggerTimeout: Duration.seconds(60), window: Duration.seconds(10) });
    expect(slow.queue.VisibilityTimeout).toBe(6 * 60 + 10);
  });

  test('that fail five times wait for a person, encrypted like all', () => {
    const { queue, dead } = arrivals();
    expect(queue.RedrivePolicy).toMatchObject({
      maxReceiveCount: 5,
      deadLetterTargetArn: expect.stringMatching(/^<ArrivalsDeadLetters/),
    });
    expect([queue.KmsMasterKeyId, dead.KmsMasterKeyId]).toEqual([keyArn, keyArn]);
    expect(dead.MessageRetentionPeriod).toBe(14 * 24 * 3600);
  });

  test('may only be sent by the rule of this account', () => {
    const policies = propertiesOf(arrivals().stack, 'AWS::SQS::QueuePolicy');
    const allowed = policies.flatMap(({ PolicyDocument }) =>
      (PolicyDocument.Statement as Statement[]).filter(({ Effect }) => Effect === 'Allow'),
    );
    expect(allowed).toHaveLength(2);
    for (const { Principal, Condition } of allowed) {
      expect(Principal).toEqual({ Service: 'events.amazonaws.com' });
      expect(Condition).toMatchObject({ StringEquals: { 'aws:SourceAccount': account } });
    }
  });
});
