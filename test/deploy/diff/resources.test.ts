import { describe, expect, test } from 'vitest';
import { resourceChanges } from '../../../lib/deploy/diff/resources.ts';
import type { Resource } from '../../../lib/deploy/diff/template.ts';

const stack = (Resources: Record<string, Resource>) => ({ data: { Resources } });
const bucket = (name: string, more: Record<string, unknown> = {}): Resource => ({
  Type: 'AWS::S3::Bucket',
  Properties: { BucketName: name, ...more },
});

describe('resources', () => {
  test('are classified as new, removed, changed in place or replaced', () => {
    const before = stack({ Same: bucket('a'), Gone: bucket('b'), Changed: bucket('c'), Named: bucket('d') });
    const after = stack({
      Same: bucket('a'),
      New: { Type: 'AWS::SQS::Queue', Properties: {} },
      Changed: bucket('c', { VersioningConfiguration: { Status: 'Enabled' } }),
      Named: bucket('e'),
    });
    expect(
      resourceChanges(before, after).map(({ id, change, properties, stateful }) => [id, change, properties, stateful]),
    ).toEqual([
      ['Changed', 'changed', ['VersioningConfiguration'], true],
      ['Gone', 'removed', [], true],
      ['Named', 'replaced', ['BucketName'], true],
      ['New', 'added', [], true],
    ]);
  });

  test('do not change with the order of keys or with metadata', () => {
    const a = { Type: 'X::Y::Z', Properties: { p: 1, q: { r: 1, s: 2 } }, Metadata: { a: 1 } };
    const b = { Metadata: { a: 2 }, Type: 'X::Y::Z', Properties: { q: { s: 2, r: 1 }, p: 1 } };
    expect(resourceChanges(stack({ R: a }), stack({ R: b }))).toEqual([]);
  });

  test.each([
    ['AWS::IAM::Role', 'Path', 'replaced'],
    ['AWS::IAM::Role', 'Description', 'changed'],
    ['AWS::Kinesis::Stream', 'Name', 'replaced'],
    ['AWS::Kinesis::Stream', 'RetentionPeriodHours', 'changed'],
    ['AWS::Lambda::Permission', 'SourceArn', 'replaced'],
    // Depends on the details, so it is reported as possible.
    ['AWS::EMR::Cluster', 'Instances', 'replaced'],
    ['AWS::EC2::Subnet', 'CidrBlock', 'replaced'],
    ['AWS::ApiGateway::RestApi', 'Name', 'changed'],
  ])('of type %s, when %s differs, are %s', (Type, property, change) => {
    const of = (value: string): Resource => ({ Type, Properties: { [property]: value } });
    expect(resourceChanges(stack({ R: of('a') }), stack({ R: of('b') }))[0]?.change).toBe(change);
  });

  test('of unknown types are replaced if their name changes', () => {
    const of = (Name: string): Resource => ({ Type: 'AWS::New::Thing', Properties: { Name } });
    expect(resourceChanges(stack({ R: of('a') }), stack({ R: of('b') }))[0]?.change).toBe('replaced');
  });

  test('of a removed stack are all removed', () => {
    expect(resourceChanges(stack({ R: bucket('a') }), {}).map(({ change }) => change)).toEqual(['removed']);
  });
});
