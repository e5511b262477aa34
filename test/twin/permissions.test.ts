import { describe, expect, test } from 'vitest';
import { callsIn } from '../../twin/recording/calls.ts';
import { faultsOf, permissionsText } from '../../twin/recording/document.ts';
import { judge } from '../../twin/recording/judge.ts';

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

describe('calls against roles', () => {
  test('each action of a statement counts the resources it was used on, a repeated call once', () => {
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

  test('a statement is needed where it alone allows a call, and not where another allows it too', () => {
    expect(judged(line('s3:GetObject', 'a', [0])).needed).toEqual(['Trigger 0']);
    expect(judged(line('s3:GetObject', 'a', [0, 1])).idle).toEqual(['Trigger 0', 'Trigger 1']);
  });

  test('a refused call, an unused permission without a reason and a needless reason are faults', () => {
    const some = judged(line('s3:GetObject', 'a', [0]), line('s3:DeleteObject', 'a', []));
    const reasons = [
      { role: 'Trigger', actions: ['s3:PutObject'], why: 'it may have to' },
      { role: '*', actions: ['s3:GetObject'], why: 'used after all' },
    ];
    expect(faultsOf(some, reasons)).toEqual([
      'app-pipeline-TriggerServiceRole0123XYZ was refused s3:DeleteObject on a',
      'Trigger may sns:Publish (statement 1) and never does: take it away, or say why',
      'no permission needs the reason for * s3:GetObject',
    ]);
    expect(permissionsText(some, reasons)).toContain('| Trigger | s3:PutObject | it may have to |');
  });

  test('a caller of no template, or with another policy than its template has, is no recording of ours', () => {
    expect(() => judged(line('s3:GetObject', 'a', [0], 'another'))).toThrow('no role of a template');
    expect(() => judged(line('s3:GetObject', 'a', [0], undefined, 3))).toThrow('2 statements in its template and 3');
  });
});
