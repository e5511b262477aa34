import { RejectedRecords } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { account, keyArn, onlyOf, plainStack, type Statement } from '../alone.ts';

const { stack, key } = plainStack();
const names = { queueName: 'acme-rejected', bucketName: 'acme-raw', folders: ['rejected/views/', 'rejected/buys/'] };
new RejectedRecords(stack, 'Rejected', { ...names, key });

test('an object in one of the folders becomes a message in the queue', () => {
  const { EventPattern, Targets } = onlyOf(stack, 'AWS::Events::Rule');
  expect(EventPattern).toEqual({
    account: [account],
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: {
      bucket: { name: ['acme-raw'] },
      object: { key: [{ prefix: 'rejected/views/' }, { prefix: 'rejected/buys/' }] },
    },
  });
  expect(Targets).toMatchObject([{ Arn: expect.stringMatching(/^<RejectedDeadLetters\w+\.Arn>$/) }]);
});

test('messages wait for the longest time of SQS, encrypted', () => {
  expect(onlyOf(stack, 'AWS::SQS::Queue')).toMatchObject({
    QueueName: 'acme-rejected',
    KmsMasterKeyId: keyArn,
    MessageRetentionPeriod: 14 * 24 * 3600,
  });
});

test('only the rule of this account may send to it, and only with TLS', () => {
  const statements = onlyOf(stack, 'AWS::SQS::QueuePolicy').PolicyDocument.Statement as Statement[];
  expect(statements.filter(({ Effect }) => Effect === 'Allow')).toMatchObject([
    {
      Action: 'sqs:SendMessage',
      Principal: { Service: 'events.amazonaws.com' },
      Condition: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnEquals: { 'aws:SourceArn': expect.stringMatching(/^<RejectedRule\w+\.Arn>$/) },
      },
    },
  ]);
  expect(statements.filter(({ Effect }) => Effect === 'Deny')).toMatchObject([
    { Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
  ]);
});
