import { RunSchedule } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { account, keyArn, onlyOf, plainStack, region, statementsIn } from '../alone.ts';

const functionArn = `arn:aws:lambda:${region}:${account}:function:trigger`;
const deadLetterArn = `arn:aws:sqs:${region}:${account}:acme-schedule-dead`;
const { stack, key } = plainStack();
const names = { scheduleName: 'acme-churn', deadLetterName: 'acme-schedule-dead' };
new RunSchedule(stack, 'Schedule', { ...names, expression: 'cron(0 3 * * ? *)', functionArn, deadLetterArn, key });

test('the trigger is called at the declared times in UTC, with the scheduled time', () => {
  const schedule = onlyOf(stack, 'AWS::Scheduler::Schedule');
  expect(schedule).toMatchObject({
    Name: 'acme-churn',
    ScheduleExpression: 'cron(0 3 * * ? *)',
    ScheduleExpressionTimezone: 'UTC',
    FlexibleTimeWindow: { Mode: 'OFF' },
    KmsKeyArn: keyArn,
    Target: { Arn: functionArn, RetryPolicy: { MaximumEventAgeInSeconds: 3600 } },
  });
  expect(JSON.parse(schedule.Target.Input)).toEqual({ cause: 'schedule', time: '<aws.scheduler.scheduled-time>' });
});

test('an event that cannot be delivered waits in a queue', () => {
  const { Target } = onlyOf(stack, 'AWS::Scheduler::Schedule');
  expect(Target.DeadLetterConfig.Arn).toMatch(/^<ScheduleDeadLetters\w+\.Arn>$/);
  expect(onlyOf(stack, 'AWS::SQS::Queue')).toMatchObject({ QueueName: 'acme-schedule-dead', KmsMasterKeyId: keyArn });
});

test('its role may invoke the function and write to the queue, on behalf of schedules of this account', () => {
  expect(statementsIn(stack).map(({ Action, Resource }) => [Action, Resource])).toEqual([
    ['lambda:InvokeFunction', functionArn],
    ['sqs:SendMessage', deadLetterArn],
    [['kms:Decrypt', 'kms:GenerateDataKey'], keyArn],
  ]);
  expect(onlyOf(stack, 'AWS::IAM::Role').AssumeRolePolicyDocument.Statement).toMatchObject([
    {
      Principal: { Service: 'scheduler.amazonaws.com' },
      Condition: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:aws:scheduler:${region}:${account}:schedule-group/default` },
      },
    },
  ]);
});
