import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { onAws } from '../../lib/aws/faults.ts';
import { awsAccount } from '../../lib/deploy/account.ts';
import { reachedAccount } from '../../lib/deploy/account-access.ts';
import { bootstrapOf } from '../../lib/environment/bootstrap.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { type AnsweringServer, answeringServer } from '../aws/answering-server.ts';

const caller = (account: string) =>
  `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
const refusal = (code: string, message: string) =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
const outputs = (value: string) =>
  `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><Outputs><member><OutputKey>BootstrapVersion</OutputKey><OutputValue>${value}</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
const session = `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIALOOKUP</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const missing = { status: 400, body: refusal('ValidationError', 'Stack with id x does not exist') };
const denied = { status: 403, body: refusal('AccessDenied', 'no') };

describe('an account', () => {
  const region = 'eu-central-1';
  let server: AnsweringServer;
  const signedBy = (call: number) => /Credential=(\w+)\//.exec(server.asked[call]?.headers.authorization ?? '')?.[1];
  beforeEach(async () => {
    server = await answeringServer();
  });
  afterEach(() => server.close());

  test('reports whose credentials these are, with a call signed for the service and the region', async () => {
    server.answers.push({ status: 200, body: caller('123456789012') });
    expect(await awsAccount(region).identity()).toBe('123456789012');
    expect(server.asked[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/sts\/aws4_request/,
    );
    expect(new URLSearchParams(server.asked[0]?.body).get('Action')).toBe('GetCallerIdentity');
  });

  test('returns outputs and templates of stacks, and recognises a missing one', async () => {
    const account = awsAccount(region);
    const template = '{&quot;a&quot;: &quot;&lt;&#38;&#x3e;&amp;lt;&quot;}';
    server.answers.push(
      { status: 200, body: outputs('28') },
      missing,
      {
        status: 200,
        body: `<GetTemplateResponse><GetTemplateResult><TemplateBody>${template}</TemplateBody></GetTemplateResult></GetTemplateResponse>`,
      },
      missing,
    );
    expect(await account.outputs('x')).toEqual({ BootstrapVersion: '28' });
    expect(await account.outputs('x')).toBeUndefined();
    expect(await account.template('x')).toEqual({ a: '<&>&lt;' });
    expect(await account.template('x')).toBeUndefined();
    expect(new URLSearchParams(server.asked[2]?.body).get('TemplateStage')).toBe('Original');
  });

  test('lists the stacks that exist, with their tags, over several pages', async () => {
    const member = (name: string, status: string) =>
      `<member><StackName>${name}</StackName><StackStatus>${status}</StackStatus><CreationTime>2026-01-02T00:00:00Z</CreationTime><Tags><member><Key>k</Key><Value>v</Value></member></Tags></member>`;
    const page = (stacks: string, next = '') => ({
      status: 200,
      body: `<DescribeStacksResponse><DescribeStacksResult><Stacks>${stacks}</Stacks>${next}</DescribeStacksResult></DescribeStacksResponse>`,
    });
    server.answers.push(
      page(member('a', 'CREATE_COMPLETE') + member('b', 'REVIEW_IN_PROGRESS'), '<NextToken>2</NextToken>'),
      page(member('c', 'ROLLBACK_FAILED')),
    );
    const created = new Date('2026-01-02T00:00:00Z');
    expect(await awsAccount(region).stacks()).toEqual([
      { name: 'a', created, tags: { k: 'v' } },
      { name: 'c', created, tags: { k: 'v' } },
    ]);
  });

  test('reports why a stack could not be deleted: MR708', async () => {
    const failed = `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>a</StackName><StackStatus>DELETE_FAILED</StackStatus><StackStatusReason>bucket raw is not empty</StackStatusReason></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
    server.answers.push(
      { status: 200, body: '<DeleteStackResponse/>' },
      { status: 200, body: failed },
      { status: 200, body: failed },
    );
    await expect(awsAccount(region).remove('a')).rejects.toMatchObject({
      issues: [{ code: 'MR708', path: 'a', message: 'the stack could not be deleted: bucket raw is not empty' }],
    });
  });

  test('names the clusters that are alive, over all pages of the answer', async () => {
    const page = (name: string, more: object) => ({
      status: 200,
      body: JSON.stringify({ Clusters: [{ Id: 'j-1', Name: name }], ...more }),
    });
    server.answers.push(page('one', { Marker: 'next' }), page('two', {}));
    expect(await awsAccount(region).clusters()).toEqual(['one', 'two']);
    const [first, second] = server.asked.map(({ body }) => JSON.parse(body ?? '{}') as Record<string, unknown>);
    expect(first).toEqual({ ClusterStates: ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING'] });
    expect(second).toMatchObject({ Marker: 'next' });
  });

  test('is called again if AWS is too busy, and not if access is denied', async () => {
    const account = awsAccount(region);
    server.answers.push(
      { status: 400, body: refusal('Throttling', 'slow down') },
      { status: 500, body: 'oops' },
      { status: 200, body: caller('123456789012') },
      denied,
    );
    expect(await account.identity()).toBe('123456789012');
    await expect(account.identity()).rejects.toMatchObject({ name: 'AccessDenied', message: 'no' });
    expect(server.asked.length).toBe(4);
  });

  test.each([
    ['InvalidClientTokenId', 'MR690'],
    ['ExpiredToken', 'MR690'],
    ['AccessDenied', 'MR691'],
  ])('that answers %s is %s', async (name, code) => {
    server.answers.push({ status: 403, body: refusal(name, 'no') });
    const asked = onAws('x', () => awsAccount(region).identity());
    await expect(asked).rejects.toMatchObject({ issues: [{ code }], exitCode: 5 });
  });

  test('that does not answer is MR693', async () => {
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:1';
    const asked = onAws('x', () => awsAccount(region).identity());
    await expect(asked).rejects.toMatchObject({ issues: [{ code: 'MR693' }], exitCode: 5 });
  });

  test('is read through the lookup role, assumed once, if the caller may not read it', async () => {
    const account = reachedAccount({ account: '123456789012', region }, bootstrapOf(projectFolder));
    server.answers.push(
      { status: 200, body: caller('123456789012') },
      denied,
      { status: 200, body: session },
      { status: 200, body: outputs('28') },
      denied,
      missing,
    );
    expect(await account.outputs('x')).toEqual({ BootstrapVersion: '28' });
    expect(await account.template('x')).toBeUndefined();
    const assumed = new URLSearchParams(server.asked[2]?.body);
    expect(assumed.get('RoleArn')).toContain(':iam::123456789012:role/cdk-hnb659fds-lookup-role-123456789012-');
    expect(assumed.get('RoleSessionName')).toBe('millrace');
    expect([0, 1, 2, 3, 4, 5].map(signedBy)).toEqual([
      ...['AKIDEXAMPLE', 'AKIDEXAMPLE', 'AKIDEXAMPLE', 'ASIALOOKUP', 'AKIDEXAMPLE', 'ASIALOOKUP'],
    ]);
  });

  test('that neither the caller nor the lookup role may read is MR620', async () => {
    const account = reachedAccount({ account: '123456789012', region }, bootstrapOf(projectFolder));
    server.answers.push({ status: 200, body: caller('123456789012') }, denied, denied);
    await expect(account.outputs('x')).rejects.toMatchObject({ issues: [{ code: 'MR620' }], exitCode: 5 });
  });
});
