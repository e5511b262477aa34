import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import {
  deleteDeployment,
  lastDeployment,
  lastDeploymentFolder,
  saveDeployment,
} from '../../lib/deploy/last-deployment.ts';
import { churn } from '../stacks/synthesised.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'millrace-kept-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const deployment = {
  environment: environments.dev,
  plans: [churn],
  templates: { 'millrace-dev-data': { Resources: { B: { Type: 'AWS::S3::Bucket' } } } },
};

describe('the last deployment', () => {
  test('is saved unchanged, and replaced by the next', async () => {
    expect(await lastDeployment(root, 'dev')).toBeUndefined();
    await saveDeployment(root, deployment);
    expect(await lastDeployment(root, 'dev')).toEqual(deployment);
    const next = { ...deployment, templates: { other: { Resources: {} } } };
    await saveDeployment(root, next);
    expect(await lastDeployment(root, 'dev')).toEqual(next);
    await deleteDeployment(root, 'dev');
    expect(await lastDeployment(root, 'dev')).toBeUndefined();
  });

  test('is MR700 if it cannot be read', async () => {
    await saveDeployment(root, deployment);
    await writeFile(path.join(lastDeploymentFolder(root, 'dev'), 'plans', 'churn.json'), '{');
    await expect(lastDeployment(root, 'dev')).rejects.toMatchObject({ issues: [{ code: 'MR700' }] });
  });
});
