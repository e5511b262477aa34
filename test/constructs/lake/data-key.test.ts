import { RemovalPolicy } from 'aws-cdk-lib';
import { DataKey } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { account, onlyOf, plainStack, region, type Statement } from '../alone.ts';

const { stack } = plainStack();
new DataKey(stack, 'Encryption', { alias: 'alias/acme', removal: RemovalPolicy.RETAIN });
const key = onlyOf(stack, 'AWS::KMS::Key');
const statements = key.KeyPolicy.Statement as (Statement & { Sid: string; Principal: Record<string, string> })[];

test('the key rotates and has the given alias', () => {
  expect(key.EnableKeyRotation).toBe(true);
  expect(onlyOf(stack, 'AWS::KMS::Alias').AliasName).toBe('alias/acme');
});

test('the account may administer it, because otherwise its policy could never be changed', () => {
  const [administers] = statements.filter(({ Principal }) => Principal['AWS'] !== undefined);
  expect(administers).toMatchObject({ Principal: { AWS: `arn:aws:iam::${account}:root` } });
  expect(administers!.Action).toEqual(expect.arrayContaining(['kms:PutKeyPolicy', 'kms:Decrypt', 'kms:CreateGrant']));
});

test('services may use it only on behalf of this account, and may not administer it', () => {
  const services = statements.filter(({ Principal }) => Principal['Service'] !== undefined);
  expect(services.map(({ Principal }) => Principal['Service']).sort()).toEqual([
    ...['budgets', 'cloudwatch', 'events'].map((name) => `${name}.amazonaws.com`),
    `logs.${region}.amazonaws.com`,
    ...['scheduler', 'sns'].map((name) => `${name}.amazonaws.com`),
  ]);
  for (const { Condition, Action } of services) {
    expect(JSON.stringify(Condition)).toContain(account);
    expect([Action].flat()).not.toContain('kms:PutKeyPolicy');
  }
});

test('no permission has a wildcard in its actions', () => {
  expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
});
