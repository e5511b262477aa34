import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { bootstrapOf, bootstrapRoleArn, cdkContext } from '../../lib/environment/bootstrap.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { DeliveryStack } from '../../lib/stacks/delivery-stack.ts';
import { millraceApp } from '../../lib/stacks/environment-stacks.ts';

const project = (cdkJson: string) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bootstrap-'));
  writeFileSync(path.join(folder, 'cdk.json'), cdkJson);
  return folder;
};
const acme = JSON.stringify({
  toolkitStackName: 'Toolkit-acme',
  context: { '@aws-cdk/core:bootstrapQualifier': 'acme' },
});

describe('the bootstrap of a project', () => {
  test("is CDK's by default", () => {
    expect(bootstrapOf(projectFolder)).toEqual({ qualifier: 'hnb659fds', stack: 'CDKToolkit' });
    expect(cdkContext(projectFolder)).toEqual({});
  });

  test('is the one that cdk.json names, in roles and in the templates', () => {
    const folder = project(acme);
    const bootstrap = bootstrapOf(folder);
    expect(bootstrap).toEqual({ qualifier: 'acme', stack: 'Toolkit-acme' });
    const role = bootstrapRoleArn('lookup', { ...bootstrap, account: '111122223333', region: 'eu-central-1' });
    expect(role).toBe('arn:aws:iam::111122223333:role/cdk-acme-lookup-role-111122223333-eu-central-1');

    const app = millraceApp(mkdtempSync(path.join(tmpdir(), 'millrace-synth-')), cdkContext(folder));
    new DeliveryStack(app, 'delivery', {
      env: { account: '111122223333', region: 'eu-central-1' },
      delivery: { by: { kind: 'github' }, repository: 'acme/lake' },
      prefix: 'acme',
      environments: [environments.dev],
    });
    const text = JSON.stringify(app.synth().stacks.map((stack) => stack.template as unknown));
    expect(text).toContain('cdk-acme-deploy-role');
    expect(text).not.toContain('hnb659fds');
  });

  test('cannot be read from a damaged file', () => {
    const folder = project('{');
    const issue = { code: 'MR605', path: path.join(folder, 'cdk.json') };
    expect(() => bootstrapOf(folder)).toThrow(expect.objectContaining({ issues: [expect.objectContaining(issue)] }));
  });
});
