import { describe, expect, test } from 'vitest';
import { resources, synthesised } from './synthesised.ts';

interface Statement {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource?: unknown;
  Principal?: unknown;
  Condition?: object;
}

const templates = Object.entries(synthesised('prod').templates);

/** Every policy document of every template, with where it is. */
const statements = templates.flatMap(([stack, template]) =>
  Object.entries(resources(template)).flatMap(([id, { Type, Properties }]) => {
    const documents = [Properties?.PolicyDocument, Properties?.KeyPolicy, Properties?.AssumeRolePolicyDocument];
    return documents.flatMap((document) =>
      ((document?.Statement ?? []) as Statement[]).map((statement) => ({ at: `${stack}/${id}`, Type, ...statement })),
    );
  }),
);
const allowed = statements.filter(({ Effect }) => Effect === 'Allow');

describe('what is allowed', () => {
  test('is looked at in every kind of policy', () => {
    expect(new Set(allowed.map(({ Type }) => Type))).toEqual(
      new Set([
        ...[
          'AWS::IAM::ManagedPolicy',
          'AWS::IAM::Role',
          'AWS::KMS::Key',
          'AWS::S3::BucketPolicy',
          'AWS::SNS::TopicPolicy',
        ],
        'AWS::SQS::QueuePolicy',
      ]),
    );
    expect(allowed.length).toBeGreaterThan(60);
  });

  test('is never a whole service and never a pattern of actions', () => {
    const wild = allowed.filter(({ Action }) => [Action].flat().some((action) => action.includes('*')));
    expect(wild.map(({ at, Action }) => `${at}: ${Action}`)).toEqual([]);
  });

  test('is "every resource" only where AWS lets none be named', () => {
    const everywhere = allowed.filter(
      ({ Type, Resource }) => Type !== 'AWS::KMS::Key' && [Resource].flat().includes('*'),
    );
    const actions = everywhere.flatMap(({ Action }) => [Action].flat());
    expect([...new Set(actions.map((action) => action.split(':')[0]))].sort()).toEqual(['cloudwatch', 'logs', 'xray']);
    expect(actions).not.toContain('logs:PutLogEvents');
    const metrics = everywhere.filter(({ Action }) => [Action].flat().includes('cloudwatch:PutMetricData'));
    for (const { Condition } of metrics)
      expect(Condition).toEqual({ StringEquals: { 'cloudwatch:namespace': 'Glue' } });
  });

  test('is never for everyone', () => {
    const open = allowed.filter(({ Principal }) => JSON.stringify(Principal ?? '').includes('"*"'));
    expect(open.map(({ at }) => at)).toEqual([]);
  });

  test('reaches no bucket as a whole but to list prefixes', () => {
    const whole = allowed.filter(
      ({ Type, Action, Condition }) =>
        Type === 'AWS::IAM::ManagedPolicy' && [Action].flat().includes('s3:ListBucket') && Condition === undefined,
    );
    expect(whole.map(({ at }) => at)).toEqual([]);
  });
});

test('roles have what is written for them and nothing that a construct adds', () => {
  for (const [, template] of templates) {
    expect(Object.keys(resources(template, 'AWS::IAM::Policy'))).toEqual([]);
    for (const { Properties } of Object.values(resources(template, 'AWS::IAM::Role'))) {
      expect(Properties.Policies).toBeUndefined();
      expect(Properties.ManagedPolicyArns).toEqual([{ Ref: expect.stringContaining('ServicePolicy') }]);
    }
  }
});
