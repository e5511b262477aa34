import { Duration } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { MillraceFunction, type MillraceFunctionProps } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { projectFolder } from '../../../lib/local/root.ts';
import { entries } from '../../stacks/synthesised.ts';
import { account, keyArn, onlyOf, plainStack, region, resourcesFor, typesIn } from '../alone.ts';

function made(more: Partial<MillraceFunctionProps> = {}) {
  const { stack, key } = plainStack();
  new MillraceFunction(stack, 'Echo', {
    functionName: 'acme-echo',
    description: 'Repeats its input',
    entry: entries.trigger,
    projectFolder,
    environment: { PIPELINE: 'churn' },
    permissions: [{ actions: ['dynamodb:GetItem'], resources: ['arn:aws:dynamodb:eu-central-1:1:table/t'] }],
    key,
    logGroupName: '/acme/echo',
    logDays: RetentionDays.ONE_MONTH,
    ...more,
  });
  return { stack, lambda: onlyOf(stack, 'AWS::Lambda::Function') };
}

const { stack, lambda } = made();

test('a function runs on Node 24 and arm64, traces, and logs JSON to a group that is deleted with its stack', () => {
  expect(lambda).toMatchObject({
    FunctionName: 'acme-echo',
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Timeout: 30,
    MemorySize: 512,
    TracingConfig: { Mode: 'Active' },
    LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO', SystemLogLevel: 'WARN' },
  });
  expect(onlyOf(stack, 'AWS::Logs::LogGroup')).toMatchObject({
    LogGroupName: '/acme/echo',
    RetentionInDays: 30,
    KmsKeyId: keyArn,
  });
});

test('it has the given variables, and source names in its stack traces', () => {
  expect(lambda.Environment.Variables).toEqual({ PIPELINE: 'churn', NODE_OPTIONS: '--enable-source-maps' });
});

test('it may do what it is granted, write its own log, use the key and trace', () => {
  expect(resourcesFor(stack, 'dynamodb:GetItem')).toEqual(['arn:aws:dynamodb:eu-central-1:1:table/t']);
  expect(resourcesFor(stack, 'logs:PutLogEvents')).toEqual([
    `arn:aws:logs:${region}:${account}:log-group:/acme/echo:*`,
  ]);
  expect(resourcesFor(stack, 'kms:Decrypt')).toEqual([keyArn]);
  expect(resourcesFor(stack, 'xray:PutTraceSegments')).toEqual(['*']);
  expect(typesIn(stack)).not.toContain('AWS::IAM::Policy');
});

test('whose callers wait for the answer has no dead-letter queue; one that is invoked asynchronously has', () => {
  expect(typesIn(stack)).not.toContain('AWS::SQS::Queue');
  const kept = made({ deadLetterName: 'acme-echo-dead', timeout: Duration.seconds(60), memoryMegabytes: 1024 });
  expect(onlyOf(kept.stack, 'AWS::SQS::Queue').QueueName).toBe('acme-echo-dead');
  expect(kept.lambda).toMatchObject({
    Timeout: 60,
    MemorySize: 1024,
    DeadLetterConfig: { TargetArn: expect.stringMatching(/^<EchoDeadLetters/) },
  });
  expect(resourcesFor(kept.stack, 'sqs:SendMessage')).toEqual([`arn:aws:sqs:${region}:${account}:acme-echo-dead`]);
});
