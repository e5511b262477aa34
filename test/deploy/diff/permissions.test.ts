import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covers, matches, permissionsWidened, widened } from '../../../lib/deploy/diff/permissions.ts';
import type { Grant } from '../../../lib/deploy/diff/statements.ts';
import type { Template } from '../../../lib/deploy/diff/template.ts';

/** Few letters, so that patterns often match texts. */
const text = fc.array(fc.constantFrom('a', 'b', ':'), { maxLength: 5 }).map((letters) => letters.join(''));
const pattern = fc.array(fc.constantFrom('a', 'b', ':', '*', '?'), { maxLength: 5 }).map((letters) => letters.join(''));

describe('a pattern', () => {
  test('that covers another matches everything that the other matches', () => {
    fc.assert(
      fc.property(pattern, pattern, text, (wide, narrow, word) => {
        fc.pre(covers(wide, narrow) && matches(narrow, word));
        expect(matches(wide, word)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('covers itself and the texts that it matches', () => {
    fc.assert(
      fc.property(pattern, text, (wide, word) => {
        expect(covers(wide, wide)).toBe(true);
        expect(covers(wide, word)).toBe(matches(wide, word));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['s3:*', 's3:get*', true],
    ['s3:get*', 's3:*', false],
    ['arn:bucket/lake/*', 'arn:bucket/lake/churn/*', true],
    ['arn:bucket/lake/?', 'arn:bucket/lake/*', false],
    ['*', '', true],
    ['a*b*', 'a*c*b?', true],
  ])('%s covers %s: %s', (wide, narrow, answer) => {
    expect(covers(wide, narrow)).toBe(answer);
  });
});

const grant = fc.record({
  effect: fc.constantFrom<Grant['effect']>('Allow', 'Allow', 'Deny'),
  who: fc.constantFrom('reader', 'writer', '*'),
  action: pattern,
  resource: pattern,
  conditions: fc.constantFrom<Grant['conditions'][]>({}, {}, { 'StringEquals k': 'x' }, { 'StringEquals k': 'y' }),
});
const grants = fc.array(grant, { maxLength: 6 });

interface Request {
  who: string;
  action: string;
  resource: string;
  /** The value of the key `k`. */
  k: string;
}
const request = fc.record({
  who: fc.constantFrom('reader', 'writer'),
  action: text,
  resource: text,
  k: fc.constantFrom('x', 'y'),
});

const speaksOf = ({ who, action, resource, conditions }: Grant, asked: Request) =>
  (who === '*' || who === asked.who) &&
  matches(action, asked.action) &&
  matches(resource, asked.resource) &&
  (conditions['StringEquals k'] ?? asked.k) === asked.k;

const allows = (all: readonly Grant[], asked: Request) =>
  all.some((each) => each.effect === 'Allow' && speaksOf(each, asked)) &&
  !all.some((each) => each.effect === 'Deny' && speaksOf(each, asked));

describe('permissions widened', () => {
  test('list every request that is newly allowed', () => {
    fc.assert(
      fc.property(grants, grants, request, (before, after, asked) => {
        fc.pre(allows(after, asked) && !allows(before, asked));
        expect(widened(before, after).some((each) => speaksOf(each, asked))).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  test('are none if nothing changed, in any order, or if permissions were removed', () => {
    fc.assert(
      fc.property(grants, fc.nat(), (before, at) => {
        expect(widened(before, [...before].reverse())).toEqual([]);
        const allowed = before.filter(({ effect }) => effect === 'Allow');
        expect(
          widened(
            allowed,
            allowed.filter((_, i) => i !== at % Math.max(1, allowed.length)),
          ),
        ).toEqual([]);
      }),
    );
  });

  test('are all permissions if there were none before', () => {
    fc.assert(
      fc.property(grants, (after) => {
        const allowed = after.filter(({ effect }) => effect === 'Allow').map((each) => JSON.stringify(each));
        const found = widened([], after).map(({ why: _, ...each }) => JSON.stringify(each));
        expect(new Set(found)).toEqual(new Set(allowed));
      }),
    );
  });
});

describe('templates', () => {
  const role = (...statements: object[]): Record<string, Template> => ({
    app: {
      Resources: {
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: { Policies: [{ PolicyDocument: { Statement: statements } }] },
        },
      },
    },
  });
  const bucket = { 'Fn::GetAtt': ['Lake', 'Arn'] };
  const reads = { Effect: 'Allow', Action: 's3:GetObject', Resource: { 'Fn::Join': ['', [bucket, '/lake/churn/*']] } };

  test('that allow one more action list it, its resource and its role', () => {
    const more = { ...reads, Action: ['s3:GetObject', 's3:PutObject'] };
    expect(permissionsWidened(role(reads), role(more))).toEqual([
      {
        effect: 'Allow',
        who: 'app/Role',
        action: 's3:putobject',
        resource: '${Lake.Arn}/lake/churn/*',
        conditions: {},
        why: 'newly allowed',
      },
    ]);
    expect(permissionsWidened(role(more), role(reads))).toEqual([]);
  });

  test('that drop a condition are reported', () => {
    const bound = { ...reads, Condition: { StringEquals: { 'aws:SourceAccount': '1' } } };
    expect(permissionsWidened(role(bound), role(reads)).map(({ why }) => why)).toEqual(['condition dropped']);
    expect(permissionsWidened(role(reads), role(bound))).toEqual([]);
  });

  test('that remove a denial are reported', () => {
    const denies = { Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' };
    expect(permissionsWidened(role(reads, denies), role(reads)).map(({ why }) => why)).toEqual(['no longer denied']);
  });

  test('are compared across split and attached policies', () => {
    const attached: Record<string, Template> = {
      app: {
        Resources: {
          Role: { Type: 'AWS::IAM::Role' },
          Policy: {
            Type: 'AWS::IAM::ManagedPolicy',
            Properties: { Roles: [{ Ref: 'Role' }], PolicyDocument: { Statement: [reads] } },
          },
        },
      },
    };
    expect(permissionsWidened(role(reads), attached)).toEqual([]);
    expect(permissionsWidened(attached, role(reads))).toEqual([]);
  });

  test('with a role that names its policies are compared by their content', () => {
    const named = (statement: object): Record<string, Template> => ({
      app: {
        Resources: {
          Role: {
            Type: 'AWS::IAM::Role',
            Properties: { ManagedPolicyArns: [{ Ref: 'Policy' }, 'arn:aws:policy/AWSOwn'] },
          },
          Policy: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: { Statement: statement } } },
        },
      },
    });
    const found = permissionsWidened(named(reads), named({ ...reads, Action: 's3:*' }));
    expect(found.map(({ who, action }) => [who, action])).toEqual([['app/Role', 's3:*']]);
    expect(permissionsWidened({}, named(reads)).map(({ action }) => action)).toEqual([
      'policy arn:aws:policy/AWSOwn',
      's3:getobject',
    ]);
  });

  test('that trust another principal, or let it invoke a function, name it', () => {
    const trust = (service: string): Record<string, Template> => ({
      app: {
        Resources: {
          Role: {
            Type: 'AWS::IAM::Role',
            Properties: {
              AssumeRolePolicyDocument: {
                Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } },
              },
            },
          },
        },
      },
    });
    const [found] = permissionsWidened(trust('glue.amazonaws.com'), trust('ec2.amazonaws.com'));
    expect(found).toMatchObject({ who: 'service:ec2.amazonaws.com', action: 'sts:assumerole', resource: 'app/Role' });
  });

  test('with NotAction are wider than any list', () => {
    const all = { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' };
    expect(permissionsWidened(role(reads), role(all)).map(({ action }) => action)).toEqual(['not iam:*']);
  });
});

test("a grant on an asset does not change with the asset's content, but with its bucket or key", () => {
  const reading = (key: string): Record<string, Template> => ({
    app: {
      Resources: {
        Policy: {
          Type: 'AWS::IAM::Policy',
          Properties: {
            Roles: [{ Ref: 'Role' }],
            PolicyDocument: {
              Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${key}` }],
            },
          },
        },
      },
    },
  });
  const assets = 'cdk-hnb659fds-assets-111122223333-eu-central-1';
  const [one, other] = ['a', 'b'].map((digit) => `${assets}/${digit.repeat(64)}.json`);
  const before = reading(one!);
  expect(permissionsWidened(before, reading(other!))).toEqual([]);
  expect(permissionsWidened(before, reading(other!.replace('.json', '.py')))).toHaveLength(1);
  expect(permissionsWidened(before, reading(`${assets}/*`))).toHaveLength(1);
  expect(permissionsWidened(before, reading(`lake/${'a'.repeat(64)}.json`))).toHaveLength(1);
});
