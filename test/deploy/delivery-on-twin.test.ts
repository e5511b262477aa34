import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { functions } from '../../lambdas/functions.ts';
import { program } from '../../lib/cli/program.ts';
import { awsAccount, checkAccount } from '../../lib/deploy/account.ts';
import { reachedAccount } from '../../lib/deploy/account-access.ts';
import { bootstrapOf } from '../../lib/environment/bootstrap.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { DeliveryStack } from '../../lib/stacks/delivery-stack.ts';
import { millraceApp } from '../../lib/stacks/environment-stacks.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { cdkOn } from '../../twin/proof/cdk.ts';
import { widerWindow } from '../../twin/proof/wider-window.ts';
import { ran } from '../deployed/scripts.ts';
import { resources } from '../stacks/synthesised.ts';

const environment = environments.twin;
const bootstrap = bootstrapOf(projectFolder);
/** Another account that the twin's bootstrap trusts. */
const tools = '444455556666';
const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';

/** Our commands as a delivery runs them: with IAM enforced, the caller may only assume roles of `cdk bootstrap`. */
describe.skipIf(!isTwinInstalled())('under the policy of a build', () => {
  let twin: Twin;
  let scratch: string;
  let delivery: NodeJS.ProcessEnv;
  let elsewhere: NodeJS.ProcessEnv;
  let nobody: NodeJS.ProcessEnv;
  const before = { ...process.env };

  beforeAll(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'millrace-delivery-'));
    const folder = path.join(scratch, 'twin');
    // The secret of the account's own key, which may do everything. MiniStack checks it once IAM is enforced.
    twin = await startTwin({ folder, settings: { MILLRACE_TWIN_RECORDING: '1', AWS_SECRET_ACCESS_KEY: 'twin' } });
    Object.assign(process.env, twin.environment);
    const cdk = cdkOn(twin.environment, path.join(scratch, 'cdk'), path.join(scratch, 'cdk.log'));
    const trusted = ['--trust', tools, '--trust-for-lookup', tools, '--cloudformation-execution-policies', admin];
    await cdk('bootstrap', `aws://${environment.account}/${environment.region}`, ...trusted);
    nobody = await user('nobody');
    delivery = await user('delivery', policyOf('Difftwin'));
    // An account's number works as its key as long as MiniStack does not check keys.
    await as({ AWS_ACCESS_KEY_ID: tools }, async () => {
      elsewhere = await user('delivery', policyOf('Difftwin'));
    });
    await writeFile(path.join(folder, 'enforce-iam'), '');
    while (!existsSync(path.join(folder, 'enforce-iam.done'))) await sleep(100);
  });
  afterAll(async () => {
    await twin?.stop();
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    if (scratch) await rm(scratch, { recursive: true, force: true });
  });

  const script = (name: string, variables: NodeJS.ProcessEnv, ...args: string[]) =>
    ran(name, ['--env', 'twin', '--root', scratch, ...args], variables);

  test('a caller who may not even assume those roles gets their name: MR620', async () => {
    for (const name of ['diff', 'deploy']) {
      const { status, out, err } = await script(name, nobody, '--json');
      expect(status).toBe(5);
      expect(JSON.parse(out)).toMatchObject({ status: 'failed', issues: [{ code: 'MR620' }] });
      expect(err).toContain(
        'at    arn:aws:iam::000000000000:role/cdk-hnb659fds-lookup-role-000000000000-us-east-1\n  try   allow them to assume that role',
      );
    }
  });

  test('such a caller cannot use the deployed pipeline either: MR691', async () => {
    await as(nobody, async () => {
      const heard = { out: '', err: '' };
      const write = (name: 'out' | 'err') => (text: string) => {
        heard[name] += text;
      };
      const terminal = { out: { write: write('out') }, err: { write: write('err') }, environments, functions };
      expect(await program(['status', 'churn', '--env', 'twin'], terminal)).toBe(5);
      expect(heard.err).toMatch(/^MR691 {2}.*lambda:GetFunction.*\n {2}at {4}churn in twin\n {2}try {3}assume a role/);
    });
  });

  test('a deploy creates every stack through the bootstrap roles', async () => {
    const { status, out, err } = await script('deploy', delivery, '--json');
    expect(err).not.toContain('MR');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ status: 'deployed', account: environment.account });
    const calls = (await readFile(path.join(scratch, 'twin', 'calls.jsonl'), 'utf8')).trimEnd().split('\n');
    const refused = calls
      .map((line) => JSON.parse(line) as { role: string; action: string; decision: string })
      .filter(({ role, decision }) => decision !== 'Allow' && !role.endsWith('user/nobody'));
    // The lookup role reads what the build itself may not; nothing else was refused.
    expect(new Set(refused.map(({ role, action }) => `${role.split('/').at(-1)} ${action}`))).toEqual(
      new Set(['delivery cloudformation:DescribeStacks']),
    );
  });

  test('a diff compares with the account, and bases recomputation on the deployed plan', async () => {
    const folder = await widerWindow(path.join(scratch, 'pipelines', 'churn'));
    const { status, out, err } = await script('diff', delivery, '--pipelines', folder);
    expect(err).not.toContain('MR');
    expect(status).toBe(0);
    expect(out).toContain('twin, compared with the account\n');
    expect(out).toContain(
      'Data to recompute: 3 tasks, assuming that all tasks of the deployed plan are done (these credentials cannot read the bookmarks)\n',
    );
    expect(out).toMatch(/ {2}churn\.churn_features {2}full {2}changed SQL/);
    const same = await script('diff', delivery, '--json');
    expect(JSON.parse(same.out)).toMatchObject({
      changes: false,
      recompute: [],
      judgedBy: 'the deployed plan',
      against: 'the account',
    });
  });

  test('a build in another, trusted account gets the same result', async () => {
    await as(elsewhere, async () => {
      expect(await awsAccount(environment.region).identity()).toBe(tools);
      expect(await checkAccount(environment, reachedAccount(environment, bootstrap), {}, bootstrap)).toBe(
        environment.account,
      );
    });
    const { status, out, err } = await script('diff', elsewhere, '--json');
    expect(status, err).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      resources: { changes: [] },
      changes: false,
      against: 'the account',
      judgedBy: 'the deployed plan',
    });
  });

  test('the account of another environment is refused: MR697', async () => {
    await as(delivery, async () => {
      const other = { ...environment, account: '111122223333' };
      await expect(checkAccount(other, reachedAccount(other, bootstrap), {}, bootstrap)).rejects.toMatchObject({
        issues: [
          {
            code: 'MR697',
            message: 'the credentials belong to account 000000000000, but twin belongs to account 111122223333',
          },
        ],
      });
    });
  });
});

/** The permissions that the delivery stack gives to a build, besides its own log and artefacts. */
function policyOf(build: string): string {
  process.env['CDK_VALIDATION'] = 'false';
  const stack = new DeliveryStack(millraceApp(), 'millrace-delivery', {
    env: { account: environment.account!, region: environment.region },
    delivery: { repository: 'owner/millrace', by: { kind: 'pipeline', connectionArn: 'arn:aws:c', branch: 'main' } },
    prefix: 'millrace-delivery',
    environments: [environment],
  });
  const policies = Object.entries(resources(Template.fromStack(stack), 'AWS::IAM::ManagedPolicy'));
  const [, policy] = policies.find(([id]) => id.startsWith(build))!;
  const statements = (policy.Properties.PolicyDocument.Statement as { Action: unknown }[]).filter(
    ({ Action }) => Action === 'sts:AssumeRole',
  );
  expect(statements).toHaveLength(1);
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  return text.replaceAll(/\{"Fn::Join":\["",\[([^\]]*)\]\]\}/g, (_, parts: string) =>
    JSON.stringify(
      (JSON.parse(`[${parts}]`) as (string | object)[])
        .map((part) => (typeof part === 'string' ? part : 'aws'))
        .join(''),
    ),
  );
}

/** Creates a user with that policy. Returns the user's credentials as environment variables. */
async function user(name: string, policy?: string): Promise<NodeJS.ProcessEnv> {
  const iam = new IAMClient({ region: environment.region });
  const UserName = name;
  await iam.send(new CreateUserCommand({ UserName }));
  if (policy !== undefined)
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument: policy }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { AWS_ACCESS_KEY_ID: AccessKey!.AccessKeyId, AWS_SECRET_ACCESS_KEY: AccessKey!.SecretAccessKey };
}

async function as(variables: NodeJS.ProcessEnv, action: () => Promise<void>): Promise<void> {
  const own = { ...process.env };
  Object.assign(process.env, variables);
  try {
    await action();
  } finally {
    Object.assign(process.env, own);
  }
}
