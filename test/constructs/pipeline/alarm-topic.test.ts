import { AlarmTopic } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { account, keyArn, onlyOf, plainStack, propertiesOf } from '../alone.ts';

const { stack, key } = plainStack();
new AlarmTopic(stack, 'Alarms', { topicName: 'acme-alarms', key, addresses: ['a@example.com', 'b@example.com'] });

test('people are subscribed to an encrypted topic', () => {
  expect(onlyOf(stack, 'AWS::SNS::Topic')).toMatchObject({ TopicName: 'acme-alarms', KmsMasterKeyId: keyArn });
  expect(propertiesOf(stack, 'AWS::SNS::Subscription').map(({ Protocol, Endpoint }) => [Protocol, Endpoint])).toEqual([
    ['email', 'a@example.com'],
    ['email', 'b@example.com'],
  ]);
});

test('alarms and the budget of this account may publish to it, and only with TLS', () => {
  const { Statement } = onlyOf(stack, 'AWS::SNS::TopicPolicy').PolicyDocument;
  expect(Statement).toHaveLength(2);
  expect(Statement).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] },
        Condition: { StringEquals: { 'aws:SourceAccount': account } },
      }),
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    ]),
  );
});
