import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { churnOn, resources, synthesised } from './synthesised.ts';

interface Statement {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource?: unknown;
  Principal?: unknown;
  Condition?: object;
}

const templates = Object.entries(synthesised('prod').templates);

/** The allowed actions of every policy document in every template, with their place. */
const allowedBy = (given: readonly [string, Template][]) =>
  given.flatMap(([stack, template]) =>
    Object.entries(resources(template)).flatMap(([id, { Type, Properties }]) => {
      const documents = [Properties?.PolicyDocument, Properties?.KeyPolicy, Properties?.AssumeRolePolicyDocument];
      return documents
        .flatMap((document) => (document?.Statement ?? []) as Statement[])
        .filter(({ Effect }) => Effect === 'Allow')
        .map((statement) => ({ at: `${stack}/${id}`, Type, ...statement }));
    }),
  );
const allowed = allowedBy(templates);

/** The actions that are allowed on `*`, with their conditions. In a key policy `*` is the key itself, so key policies are left out. */
function everywhere(given: readonly [string, Template][]): string[] {
  const wide = allowedBy(given).filter(
    ({ Type, Resource }) => Type !== 'AWS::KMS::Key' && [Resource].flat().includes('*'),
  );
  const found = wide.flatMap(({ Action, Condition = {} }) => {
    const bounds = Object.entries(Condition).flatMap(([operator, keys]) =>
      Object.entries(keys as object).map(([key, value]) => {
        expect(operator).toBe('StringEquals');
        return `, where the ${key} is ${value}`;
      }),
    );
    return [Action].flat().map((action) => action + bounds.join(''));
  });
  return [...new Set(found)].sort();
}

/** For every role and queue: who may assume it or send to it, and for whom. */
describe('services act for this account only', () => {
  const emr = churnOn('emr', 'emr-serverless');
  const everywhere = [
    ...templates,
    ...Object.entries(synthesised('dev', {}, emr).templates).map(
      ([name, template]) => [`emr/${name}`, template] as const,
    ),
  ];
  const statements = allowedBy(everywhere as [string, Template][]);
  const service = (principal: unknown) => {
    const named = (principal as { Service?: unknown } | undefined)?.Service;
    return typeof named === 'string' ? named : JSON.stringify(named ?? '');
  };

  test.each(['glue', 'states', 'scheduler', 'elasticmapreduce', 'emr-serverless'])('%s takes a role', (name) => {
    const trusts = statements.filter(
      ({ Action, Principal }) => Action === 'sts:AssumeRole' && service(Principal).includes(`${name}.`),
    );
    expect(trusts.length).toBeGreaterThan(0);
    for (const { Condition } of trusts) {
      expect(Condition).toMatchObject({
        StringEquals: { 'aws:SourceAccount': expect.anything() },
        ArnLike: { 'aws:SourceArn': expect.anything() },
      });
      expect(JSON.stringify(Condition)).toMatch(/000000000000|\d{12}|AWS::AccountId/);
    }
  });

  test('a rule sends to a queue that its own account and rule may send to, and to no other', () => {
    const sends = statements.filter(
      ({ Action, Principal }) =>
        [Action].flat().includes('sqs:SendMessage') && service(Principal) === 'events.amazonaws.com',
    );
    expect(sends.length).toBeGreaterThan(2);
    for (const { Condition } of sends) {
      expect(Condition).toMatchObject({ ArnEquals: { 'aws:SourceArn': expect.anything() } });
    }
    const arrivals = sends.filter(({ Condition }) => 'StringEquals' in (Condition ?? {}));
    expect(arrivals.length).toBeGreaterThan(1);
  });
});

describe('an allowed action', () => {
  test('is checked in every kind of policy', () => {
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

  test('is never a wildcard', () => {
    const wild = allowed.filter(({ Action }) => [Action].flat().some((action) => action.includes('*')));
    expect(wild.map(({ at, Action }) => `${at}: ${Action}`)).toEqual([]);
  });

  test('is on "every resource" only for these, which AWS cannot bound otherwise', () => {
    const delivery = [
      'CreateLogDelivery',
      'DeleteLogDelivery',
      'GetLogDelivery',
      'ListLogDeliveries',
      'UpdateLogDelivery',
    ];
    const policies = ['DescribeLogGroups', 'DescribeResourcePolicies', 'PutResourcePolicy'];
    expect(everywhere(templates)).toEqual([
      'cloudwatch:PutMetricData, where the cloudwatch:namespace is Glue',
      ...[...delivery, ...policies].sort().map((action) => `logs:${action}`),
      ...['GetSamplingRules', 'GetSamplingTargets', 'PutTelemetryRecords', 'PutTraceSegments'].map((a) => `xray:${a}`),
    ]);
  });

  test('is also on "every resource" for these on EMR', () => {
    const { templates: persistent } = synthesised(
      'prod',
      { emr: { cluster: 'persistent', maxVcpus: 128 } },
      churnOn('emr', 'emr'),
    );
    const elsewhere = new Set(everywhere(templates));
    const added = everywhere(Object.entries(persistent)).filter((entry) => !elsewhere.has(entry));
    expect(added.filter((entry) => !entry.startsWith('ec2:Describe'))).toEqual([
      'elasticmapreduce:ListClusters',
      'elasticmapreduce:RunJobFlow, where the elasticmapreduce:RequestTag/millrace:prefix is millrace-prod',
    ]);
  });

  test('on a table in DynamoDB is only for the items of one pipeline', () => {
    const statements = allowed.filter(
      ({ Type, Action }) =>
        Type === 'AWS::IAM::ManagedPolicy' && [Action].flat().some((action) => action.startsWith('dynamodb:')),
    );
    expect(statements.length).toBeGreaterThan(4);
    for (const { Condition } of statements) {
      const keys = (Condition as Record<string, Record<string, string[]>> | undefined)?.['ForAllValues:StringLike'];
      const leading = [keys?.['dynamodb:LeadingKeys'] ?? 'any'].flat();
      for (const key of leading) expect(key).toMatch(/^[a-z-]+#churn(#\*)?$/);
    }
  });

  test('is never for everyone', () => {
    const open = allowed.filter(({ Principal }) => JSON.stringify(Principal ?? '').includes('"*"'));
    expect(open.map(({ at }) => at)).toEqual([]);
  });

  test('is on a whole bucket only to list prefixes', () => {
    const whole = allowed.filter(
      ({ Type, Action, Condition }) =>
        Type === 'AWS::IAM::ManagedPolicy' && [Action].flat().includes('s3:ListBucket') && Condition === undefined,
    );
    expect(whole.map(({ at }) => at)).toEqual([]);
  });
});

test('roles have only the listed statements, and none added by a construct', () => {
  for (const [, template] of templates) {
    expect(Object.keys(resources(template, 'AWS::IAM::Policy'))).toEqual([]);
    for (const { Properties } of Object.values(resources(template, 'AWS::IAM::Role'))) {
      expect(Properties.Policies).toBeUndefined();
      expect(Properties.ManagedPolicyArns).toEqual([{ Ref: expect.stringContaining('ServicePolicy') }]);
    }
  }
});
