import { describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { awsIssue, onAws } from '../../lib/aws/faults.ts';
import { type AccountPort, checkAccount } from '../../lib/deploy/account.ts';
import { refuseUnnamed } from '../../lib/deploy/destroy.ts';
import type { MillraceError } from '../../lib/errors.ts';

const account = (outputs: Record<string, string> | undefined, number = '111122223333'): AccountPort => ({
  identity: async () => number,
  outputs: async (stack) => (stack === 'CDKToolkit' ? outputs : undefined),
  template: async () => undefined,
  stacks: async () => [],
  remove: async () => undefined,
  clusters: async () => [],
});
const usual = { qualifier: 'hnb659fds', stack: 'CDKToolkit' };
const codeOf = (action: Promise<unknown>) =>
  action.then(
    () => 'none',
    (error: MillraceError) => [error.issues[0]?.code, error.exitCode, error.issues[0]?.hint].join(' '),
  );

describe('an account to deploy to', () => {
  const { dev, twin } = environments;

  test('is in order', async () => {
    expect(await checkAccount(dev, account({ BootstrapVersion: '28' }), {}, usual)).toBe('111122223333');
    expect(await checkAccount(dev, account({ BootstrapVersion: '6' }), { AWS_REGION: dev.region }, usual)).toBe(
      '111122223333',
    );
  });

  test('has the bootstrap stack that cdk.json names', async () => {
    const other = {
      ...account({ BootstrapVersion: '28' }),
      outputs: async (stack: string) => (stack === 'Toolkit-acme' ? { BootstrapVersion: '28' } : undefined),
    };
    expect(await checkAccount(dev, other, {}, { qualifier: 'acme', stack: 'Toolkit-acme' })).toBe('111122223333');
    expect(await codeOf(checkAccount(dev, other, {}, usual))).toContain('MR699');
  });

  test('differs from that of the environment', async () => {
    expect(await codeOf(checkAccount(twin, account({}), {}, usual))).toBe(
      'MR697 5 set AWS_PROFILE to a profile of that account',
    );
  });

  test('is used in another region', async () => {
    const at = (variables: NodeJS.ProcessEnv) =>
      codeOf(checkAccount(dev, account({ BootstrapVersion: '28' }), variables, usual));
    expect(await at({ AWS_REGION: 'us-east-1' })).toBe('MR698 5 unset AWS_REGION, or set it to eu-central-1');
    expect(await at({ AWS_DEFAULT_REGION: 'us-east-1' })).toContain('MR698 5 unset AWS_DEFAULT_REGION');
  });

  test('is not bootstrapped, or has an old bootstrap', async () => {
    const hint = 'run `npx cdk bootstrap aws://111122223333/eu-central-1 --context env=dev`';
    expect(await codeOf(checkAccount(dev, account(undefined), {}, usual))).toBe(`MR699 5 ${hint}`);
    expect(await codeOf(checkAccount(dev, account({ BootstrapVersion: '5' }), {}, usual))).toBe(`MR699 5 ${hint}`);
    expect(await codeOf(checkAccount(dev, account({}), {}, usual))).toBe(`MR699 5 ${hint}`);
  });
});

describe('an error of AWS', () => {
  const error = (name: string, more: object = {}) => Object.assign(new Error('no'), { name, ...more });

  test.each([
    ['CredentialsProviderError', 'MR690'],
    ['UnrecognizedClientException', 'MR690'],
    ['InvalidClientTokenId', 'MR690'],
    ['ExpiredTokenException', 'MR690'],
    ['ExpiredToken', 'MR690'],
    ['AccessDeniedException', 'MR691'],
    ['AccessDenied', 'MR691'],
    ['TimeoutError', 'MR693'],
  ])('as %s is %s', (name, code) => {
    const issue = awsIssue(error(name), 'churn in dev');
    expect(issue?.code).toBe(code);
    expect(issue?.hint).toBeTruthy();
  });

  test('because of a missing network is MR693, however deeply it is nested', () => {
    expect(awsIssue(error('Error', { code: 'ECONNREFUSED' }), 'x')?.code).toBe('MR693');
    expect(awsIssue(error('TypeError', { cause: { code: 'ENOTFOUND' } }), 'x')?.message).toBe(
      'AWS does not respond (ENOTFOUND)',
    );
  });

  test('is not changed if a user can do nothing about it', async () => {
    const fault = error('InternalServerError');
    await expect(onAws('x', () => Promise.reject(fault))).rejects.toBe(fault);
  });
});

describe('a destruction', () => {
  const refused = (name: 'dev' | 'prod', typed: string | undefined, asks: boolean) => {
    try {
      refuseUnnamed(environments[name], typed, asks);
      return false;
    } catch {
      return true;
    }
  };

  test('of prod always needs the typed name', () => {
    expect(refused('prod', undefined, true)).toBe(true);
    expect(refused('prod', 'dev', true)).toBe(true);
    expect(refused('prod', 'prod', false)).toBe(false);
  });

  test('of another environment needs it if CDK cannot ask', () => {
    expect(refused('dev', undefined, true)).toBe(false);
    expect(refused('dev', undefined, false)).toBe(true);
    expect(refused('dev', 'prod', true)).toBe(true);
    expect(refused('dev', 'dev', false)).toBe(false);
  });
});
