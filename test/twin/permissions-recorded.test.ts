import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';
import { isTwinInstalled } from '../../twin/ministack.ts';
import { type Recorded, recordPermissions } from '../../twin/proof/permissions.ts';
import { faultsOf, permissionsText } from '../../twin/recording/document.ts';
import { judge } from '../../twin/recording/judge.ts';
import * as excuses from '../../twin/recording/reasons.ts';
import { takenAway } from '../../twin/recording/taken-away.ts';

describe.skipIf(!isTwinInstalled())('the pipeline under its roles', () => {
  let recorded: Recorded;
  beforeAll(async () => {
    recorded = await recordPermissions({ customers: 1000, tell: () => undefined });
  });

  const faults = ({ calls, templates }: Recorded) => faultsOf(judge(calls, templates), excuses, takenAway());

  test('runs with their permissions, none of them is unused, and docs/permissions.md is up to date', () => {
    const judged = judge(recorded.calls, recorded.templates);
    expect(faults(recorded)).toEqual([]);
    expect(new Set(recorded.calls.map(({ role }) => role)).size).toBe(7);
    expect(judged.needed.size).toBeGreaterThan(40);
    expect(permissionsText(judged, excuses, takenAway())).toBe(
      readFileSync(path.join(projectFolder, 'docs', 'permissions.md'), 'utf8'),
    );
  });

  test('is a fault if a role has an unused action', () => {
    const wider = structuredClone(recorded.templates);
    const { Resources } = Object.entries(wider).find(([stack]) => stack.includes('pipeline'))![1];
    const [, policy] = Object.entries(Resources).find(([id]) => id.startsWith('TriggerServicePolicy'))!;
    const { PolicyDocument } = policy.Properties as { PolicyDocument: { Statement: { Action: string[] }[] } };
    PolicyDocument.Statement[0]!.Action.push('dynamodb:DeleteItem');
    expect(faults({ ...recorded, templates: wider })).toEqual([
      'Trigger may dynamodb:DeleteItem (statement 0), but never does: remove it, or add a reason',
      expect.stringMatching(/^Trigger 0 \(dynamodb:DeleteItem, .*is new, or has changed since it was last taken away/),
      expect.stringMatching(/^Trigger no longer has the statement that was tested \(dynamodb:GetItem/),
    ]);
  });

  test('is a fault if a call is allowed by no statement', () => {
    const role = recorded.calls.find((call) => call.role.includes('Trigger'))!;
    const refused = { ...role, action: 's3:DeleteBucket', resource: 'arn:aws:s3:::lake', allowed: false, by: [] };
    expect(faults({ ...recorded, calls: [...recorded.calls, refused] })).toEqual([
      `${role.role} was refused s3:DeleteBucket on arn:aws:s3:::lake`,
    ]);
  });
});
