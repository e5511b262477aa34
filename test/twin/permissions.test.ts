import { describe, expect, test } from 'vitest';
import { callsIn } from '../../twin/recording/calls.ts';
import { faultsOf, permissionsText } from '../../twin/recording/document.ts';
import { judge } from '../../twin/recording/judge.ts';
import type { Statement } from '../../twin/recording/statements.ts';

const statement = (...actions: string[]) => ({ Effect: 'Allow', Action: actions, Resource: '*' });
const templates = {
  'app-pipeline': {
    Resources: {
      TriggerServicePolicy1: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: {
          PolicyDocument: { Statement: [statement('s3:GetObject', 's3:PutObject'), statement('sns:Publish')] },
        },
      },
      TriggerServiceRole0123ABCD: {
        Type: 'AWS::IAM::Role',
        Properties: { ManagedPolicyArns: [{ Ref: 'TriggerServicePolicy1' }] },
      },
    },
  },
};

const line = (
  action: string,
  resource: string,
  by: number[],
  role = 'app-pipeline-TriggerServiceRole0123XYZ',
  statements = 2,
) =>
  JSON.stringify({
    role: `arn:aws:sts::1:assumed-role/${role}/session`,
    action,
    resource,
    decision: by.length > 0 ? 'Allow' : 'ImplicitDeny',
    by,
    statements,
  });
const judged = (...lines: string[]) => judge(callsIn(lines.join('\n')), templates);

const none = { reasons: [], unreachedReasons: [] };
const taken = ({ role, actions, resources, digest }: Statement) => ({
  ...{ role, actions, resources, digest },
  scenario: 'files come',
  refused: ['s3:GetObject'],
});

describe('calls against roles', () => {
  test('each action of a statement counts the resources that it was used on, a repeated call once', () => {
    const { grants } = judged(
      line('s3:GetObject', 'a', [0]),
      line('s3:GetObject', 'a', [0]),
      line('s3:GetObject', 'b', [0]),
    );
    expect(grants.map(({ role, statement: at, action, calls }) => [role, at, action, calls])).toEqual([
      ['Trigger', 0, 's3:GetObject', 2],
      ['Trigger', 0, 's3:PutObject', 0],
      ['Trigger', 1, 'sns:Publish', 0],
    ]);
  });

  test('a statement is needed if it alone allows a call, and not if another allows it too', () => {
    expect([...judged(line('s3:GetObject', 'a', [0])).needed]).toEqual(['Trigger 0']);
    expect([...judged(line('s3:GetObject', 'a', [0, 1])).needed]).toEqual([]);
  });

  test('a refused call, an unused permission without a reason and a needless reason are faults', () => {
    const some = judged(line('s3:GetObject', 'a', [0]), line('s3:DeleteObject', 'a', []));
    const reasons = [
      { role: 'Trigger', actions: ['s3:PutObject'], why: 'it may have to' },
      { role: '*', actions: ['s3:GetObject'], why: 'used after all' },
    ];
    expect(faultsOf(some, { reasons, unreachedReasons: [] }, [taken(some.statements[0]!)])).toEqual([
      'app-pipeline-TriggerServiceRole0123XYZ was refused s3:DeleteObject on a',
      'Trigger may sns:Publish (statement 1), but never does: remove it, or add a reason',
      'no permission needs the reason for * s3:GetObject',
    ]);
    const text = permissionsText(some, { reasons, unreachedReasons: [] }, [taken(some.statements[0]!)]);
    expect(text).toContain('| Trigger | s3:PutObject | it may have to |');
    expect(text).toContain('taken away: "files come" fails, s3:GetObject refused |');
    expect(text).toContain('| not exercised: **none** |');
  });

  test('a needed statement that was not taken away since it changed is a fault', () => {
    const some = judged(line('s3:GetObject', 'a', [0]), line('s3:PutObject', 'a', [0]), line('sns:Publish', 't', [1]));
    const [first, second] = some.statements;
    expect(faultsOf(some, none, [taken(first!), taken(second!)])).toEqual([]);
    expect(faultsOf(some, none, [taken(first!), { ...taken(second!), digest: 'of before' }])).toEqual([
      'Trigger 1 (sns:Publish) is new, or has changed since it was last taken away: run `npm run permissions -- --mutate`',
      'Trigger no longer has the statement that was tested (sns:Publish): run `npm run permissions -- --mutate`',
    ]);
  });

  test('a resource of a used statement that no call reaches needs a reason', () => {
    const two = structuredClone(templates);
    const { PolicyDocument } = two['app-pipeline'].Resources.TriggerServicePolicy1.Properties;
    const lake = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::lake']] };
    const below = (prefix: string) => ({ 'Fn::Join': ['', [lake, prefix]] });
    Object.assign(PolicyDocument.Statement[0]!, { Resource: [below('/runs/*'), below('/logs/*')] });
    const calls = callsIn(
      ['s3:GetObject', 's3:PutObject'].map((action) => line(action, 'arn:aws:s3:::lake/runs/a', [0])).join('\n'),
    );
    const some = judge([...calls, ...callsIn(line('sns:Publish', 't', [1]))], two);
    const fault =
      'Trigger (statement 0) never reaches arn:<AWS::Partition>:s3:::lake/logs/*: remove it, or add a reason';
    const all = some.statements.map(taken);
    expect(faultsOf(some, none, all)).toEqual([fault]);
    const why = { role: 'Trigger', resource: '/logs/', why: 'it may have to' };
    expect(faultsOf(some, { reasons: [], unreachedReasons: [why] }, all)).toEqual([]);
    expect(faultsOf(some, { reasons: [], unreachedReasons: [why, { ...why, resource: '/runs/' }] }, all)).toEqual([
      'no statement needs the reason for Trigger /runs/',
    ]);
  });

  test('the digest of a statement changes with its content, but not with the build', () => {
    const digestOf = (resource: unknown) => {
      const changed = structuredClone(templates);
      const { PolicyDocument } = changed['app-pipeline'].Resources.TriggerServicePolicy1.Properties;
      Object.assign(PolicyDocument.Statement[0]!, { Resource: resource });
      return judge([], changed).statements[0]!.digest;
    };
    const build = (hex: string) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'P' }, `:s3:::assets/${hex.repeat(64)}.json`]],
    });
    expect(digestOf(build('a'))).toBe(digestOf(build('b')));
    expect(digestOf(build('a'))).not.toBe(digestOf('*'));
  });

  test('a recording is refused if a caller is in no template, or has another policy than its template', () => {
    expect(() => judged(line('s3:GetObject', 'a', [0], 'another'))).toThrow('no role of a template');
    expect(() => judged(line('s3:GetObject', 'a', [0], undefined, 3))).toThrow('2 statements in its template, but 3');
  });
});
