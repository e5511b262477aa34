import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { backfillCommand } from '../../lib/cli/backfill.ts';
import { logsCommand } from '../../lib/cli/logs.ts';
import { program } from '../../lib/cli/program.ts';
import type { Finish, Terminal } from '../../lib/cli/terminal.ts';
import { awsAccount } from '../../lib/deploy/account.ts';
import { namesOf } from '../../lib/environment/names.ts';
import { pythonOf } from '../../lib/local/python.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { Account } from '../../twin/proof/account.ts';
import { cdkOn } from '../../twin/proof/cdk.ts';
import { widerWindow } from '../../twin/proof/wider-window.ts';
import { type Heard, ran } from './scripts.ts';

const names = namesOf(environments.twin);
const churn = names.pipeline('churn');

/** The commands against stacks that the real CDK CLI deployed onto the twin. */
describe.skipIf(!isTwinInstalled())('a deployed pipeline', () => {
  let twin: Twin;
  let scratch: string;
  let account: Account;
  const before = { ...process.env };

  beforeAll(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'millrace-deployed-'));
    twin = await startTwin({ folder: path.join(scratch, 'twin') });
    Object.assign(process.env, twin.environment, { MILLRACE_LOOK_EVERY_MS: '300', NO_COLOR: '1' });
    account = new Account();
  });
  afterAll(async () => {
    await twin?.stop();
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    if (scratch) await rm(scratch, { recursive: true, force: true });
  });

  const script = (name: string, ...args: string[]) => ran(name, ['--env', 'twin', '--root', scratch, ...args]);

  test('is not deployed to an account that is not bootstrapped', async () => {
    const { status, out, err } = await script('deploy', '--json');
    expect(status).toBe(5);
    expect(JSON.parse(out)).toMatchObject({ status: 'failed', issues: [{ code: 'MR699' }] });
    expect(err).toContain('MR699  the account is not bootstrapped for CDK\n  at    aws://000000000000/us-east-1\n');
    expect(err).toContain('npx cdk bootstrap aws://000000000000/us-east-1');
  });

  test('is reported as missing before it is deployed', async () => {
    const { status, err } = await millrace('run', 'churn', '--env', 'twin');
    expect(status).toBe(5);
    expect(err).toContain('MR692  churn is not deployed to twin (us-east-1)\n');
    expect(err).toContain('try   run `npm run deploy -- --env twin`');
  });

  test('is deployed, and the deployment is saved', async () => {
    const { account: number, region } = environments.twin;
    await cdkOn(
      twin.environment,
      path.join(scratch, 'cdk'),
      path.join(scratch, 'cdk.log'),
    )('bootstrap', `aws://${number}/${region}`);
    const { status, out, err } = await script('deploy', '--json');
    expect(err).not.toContain('MR');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      status: 'deployed',
      account: number,
      region,
      stacks: ['data', 'ingestion', 'monitoring', 'pipeline-churn'].map((part) => `millrace-twin-${part}`),
    });
    const plan = await readFile(path.join(scratch, 'deployed', 'twin', 'plans', 'churn.json'), 'utf8');
    expect(JSON.parse(plan)).toMatchObject({ format: 'millrace-plan', pipeline: 'churn' });
  });

  test('that has not run is reported as such', async () => {
    const { status, out } = await millrace('status', 'churn', '--env', 'twin');
    expect(status).toBe(0);
    expect(out).toContain(
      'churn in twin (000000000000, us-east-1)\nit has not run yet\n  try   millrace run churn --env twin\n',
    );
    expect(out).toContain('bookmarks  revision 0  0 runs with work so far  free\nmodel churn: no version is live\n');
  });

  test('says why a run cannot start', async () => {
    const { status, err, out } = await millrace('run', 'churn', '--env', 'twin');
    expect(status).toBe(1);
    expect(err).toMatch(/^r-\d{8}t\d{6}-[0-9a-f]{4} {2}started in twin \(000000000000, us-east-1\)\nClaim \.\.\.\n/);
    expect(err).toContain('MR202  source "');
    expect(out).toContain('failed  r-');
    const shown = await millrace('status', 'churn', '--env', 'twin');
    expect(shown.out).toContain('MR202  source "');
    expect(shown.out).toContain('log  /millrace/millrace-twin/churn/bookmarks\n');
    expect(shown.out).toMatch(/try {3}millrace logs churn --env twin --run r-/);
  });

  test('runs, and the terminal shows it like a local run', async () => {
    const data = path.join(scratch, 'data');
    const generate = path.join(projectFolder, 'pipelines', 'churn', 'generate.py');
    await promisify(execFile)(await pythonOf('sail'), [generate, '--customers', '400', '--seed', '42', '--out', data]);
    const machine = await account.machineArn(churn.machine);
    const known = new Set((await account.runs(machine)).map((run) => run.name!));
    await account.upload(data, names.bucket('raw'), 'churn/');
    await account.nextRun(machine, known);
    const { status, out, err } = await started('run', 'churn', '--env', 'twin', '--force', 'customers_clean');
    expect(status).toBe(0);
    expect(err).toMatch(/r-\S+ {2}5 tasks to do, 6 up to date\n/);
    expect(err).toMatch(/ {2}customers_clean \.\.\.\n[\s\S]* {2}customers_clean {2}\d+ read: \d+ written/);
    expect(err).toMatch(/ {2}model churn v1 {2}kept\n/);
    expect(err).toMatch(/ {2}predictions {2}\d+ read: /);
    expect(out).toMatch(
      /^succeeded {2}r-\S+ {2}(?:\d+ min )?\S+ s {2}4 tasks\n[\s\S]*train_churn: nothing new to learn/,
    );
    const shown = await millrace('status', 'churn', '--env', 'twin');
    expect(shown.out).toMatch(/\nused {2}\d+\.\d{3} DPU hours of Glue, \$\d/);
  });

  test('says that there is nothing to do', async () => {
    const { status, out } = await started('run', 'churn', '--env', 'twin');
    expect(status).toBe(0);
    expect(out).toMatch(/^nothing to do: no new input, no change/);
  });

  test('refuses unknown names before anything starts', async () => {
    const runs = await account.runs(await account.machineArn(churn.machine));
    const { status, err } = await millrace('run', 'churn', '--env', 'twin', '--param', 'snapshot=x');
    expect(status).toBe(2);
    expect(err).toContain('MR130');
    expect((await account.runs(await account.machineArn(churn.machine))).length).toBe(runs.length);
  });

  test('reads inputs again on a backfill, in place of their rows', async () => {
    const path_ = 'customers/part-00000.csv';
    const { status, out, err } = await verb(
      backfillCommand,
      'churn',
      '--env',
      'twin',
      '--source',
      'customers',
      '--file',
      path_,
    );
    expect(err).toContain('1 input of customers will be read again\n');
    expect(err).toMatch(/ {2}customers {2}[\d,]+ read: /);
    expect(out).toMatch(/^succeeded {2}r-/);
    expect(status).toBe(0);
    const unknown = await verb(backfillCommand, 'churn', '--env', 'twin', '--source', 'custmers');
    expect(unknown.error).toContain('MR513 no run of "churn" has read a source "custmers"');
  });

  test('shows the query plan of a task, and says which has none', async () => {
    const { out } = await verb(logsCommand, 'churn', 'churn_features', '--env', 'twin', '--plan');
    expect(out).toContain('== Physical Plan ==');
    const none = await verb(logsCommand, 'churn', 'customers', '--env', 'twin', '--plan');
    expect(none.error).toContain('MR517 ');
  });

  test('names the task that failed, why, and where its log is', async () => {
    const machine = await account.machineArn(churn.machine);
    const known = new Set((await account.runs(machine)).map((run) => run.name!));
    const bad = 'this,is,no\nheader,of,ours\n';
    await new S3Client({ forcePathStyle: true }).send(
      new PutObjectCommand({ Bucket: names.bucket('raw'), Key: 'churn/customers/part-wrong.csv', Body: bad }),
    );
    await expect(account.nextRun(machine, known)).rejects.toThrow('FAILED');
    const { out } = await millrace('status', 'churn', '--env', 'twin');
    expect(out).toMatch(/r-\S+ {2}failed {2}/);
    expect(out).toMatch(/MR2\d\d {2}.*\n {2}at {4}.*part-wrong\.csv/);
    expect(out).toContain('failed task  customers, in stage build\n');
    expect(out).toMatch(/log {2}\/millrace\/millrace-twin\/churn\/engine\/output {2}stream \S+\n/);
    expect(out).toContain('in doubt, so the next run does them again: customers, customers_clean, ');
    expect(out).toMatch(/model churn: v\d+ has been live since \S+ {2}AUC 0\.\d{4}\n/);
    const { status, err } = await started('run', 'churn', '--env', 'twin', '--json');
    expect(status).toBe(1);
    expect(err).toContain('  customers  FAILED\n');
  });

  test('shows the logs of a run in order', async () => {
    const { out } = await verb(logsCommand, 'churn', '--env', 'twin', '--json');
    const { run, lines } = JSON.parse(out) as { run: string; lines: { at: string; part: string; text: string }[] };
    expect(run).toMatch(/^r-/);
    expect(lines.map((line) => line.at)).toEqual(lines.map((line) => line.at).sort());
    expect(new Set(lines.map((line) => line.part))).toContain('bookmarks');
    const { error } = await verb(logsCommand, 'churn', '--env', 'twin', '--run', 'r-none');
    expect(error).toContain('MR702 there is no run r-none');
  });

  test('shows what a changed definition recomputes, with and without the account', async () => {
    for (const more of [[], ['--local']]) {
      const same = await script('diff', '--json', ...more);
      expect(same.status, same.err).toBe(0);
      expect(JSON.parse(same.out)).toMatchObject({
        changes: false,
        resources: { changes: [] },
        recompute: [],
        permissions: [],
      });
    }
    const folder = await widerWindow(path.join(scratch, 'pipelines', 'churn'));
    const there = await script('diff', '--pipelines', folder);
    expect(there.status, there.err).toBe(0);
    expect(there.out).toContain('twin, compared with the account\n');
    expect(there.out).toContain('Data to recompute: 3 tasks\n');
    expect(there.out).toMatch(/ {2}churn\.churn_features {2}full {2}changed SQL/);
    // The changed permission is on the plan: the new one in place of the old one.
    expect(there.out).toContain('Permissions widened: none\n');
    const here = await script('diff', '--local', '--pipelines', folder);
    expect(here.out).toContain('twin, compared with the last deploy from here\n');
    expect(after('Data to recompute', here.out)).toBe(after('Data to recompute', there.out));
  });

  /** A stack as an earlier app of the environment left it. */
  async function leaveStack(name: string, tag: string): Promise<void> {
    const Resources = { Alarms: { Type: 'AWS::SNS::Topic', Properties: { TopicName: name } } };
    await new CloudFormationClient({}).send(
      new CreateStackCommand({
        StackName: name,
        TemplateBody: JSON.stringify({ Resources }),
        Tags: [{ Key: 'millrace:environment', Value: tag }],
      }),
    );
  }
  const exists = async (stack: string) =>
    (await awsAccount(environments.twin.region).stacks()).some(({ name }) => name === stack);

  test('a stack that the environment no longer has is named, and deleted with --prune', async () => {
    const left = 'millrace-twin-network';
    await leaveStack(left, 'twin');
    await leaveStack('millrace-twin-other', 'another');
    const diff = await script('diff');
    expect(diff.out).toContain(`Left over: 1 stack that twin no longer has\n  ${left}  1 resource, $0.00 a month`);
    const deployed = await script('deploy', '--json');
    expect(deployed.err).toContain(`1 stack that twin no longer has\n  ${left}  1 resource`);
    expect(JSON.parse(deployed.out)).toMatchObject({ leftover: [{ stack: left, resources: 1, deleted: false }] });
    expect(await exists(left)).toBe(true);
    const pruned = await script('deploy', '--json', '--prune');
    expect(JSON.parse(pruned.out)).toMatchObject({ leftover: [{ stack: left, deleted: true }] });
    expect(await exists(left)).toBe(false);
    // It has the prefix, but belongs to another environment.
    expect(await exists('millrace-twin-other')).toBe(true);
    await awsAccount(environments.twin.region).remove('millrace-twin-other');
    await leaveStack(left, 'twin');
  });

  test('is destroyed', async () => {
    const unnamed = await script('destroy');
    expect(unnamed.status).toBe(2);
    expect(unnamed.err).toContain('MR704  twin is only destroyed after its name is typed\n');
    const { status, out, err } = await script('destroy', '--name', 'twin');
    expect(err).toContain('deleting millrace-twin-network ...\n');
    expect(await exists('millrace-twin-network')).toBe(false);
    expect(out).toBe('twin is destroyed in 000000000000, us-east-1; nothing is retained\n');
    expect(status).toBe(0);
    expect(await account.leftovers(environments.twin.prefix)).toEqual([]);
  });
});

/** The part of a difference that begins with this text. */
const after = (heading: string, text: string) => text.slice(text.indexOf(heading)).split('\n\n')[0];

function ear() {
  const heard = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({
    write: (text: string) => {
      heard[name] += text;
    },
  });
  return { heard, terminal: { out: stream('out'), err: stream('err'), environments } satisfies Terminal };
}

async function millrace(...args: string[]): Promise<Heard> {
  const { heard, terminal } = ear();
  const status = await program(args, terminal);
  return { status, ...heard };
}

/** Objects that arrive during a run trigger one more run; until that has ended, the answer is MR694. */
async function started(...args: string[]): Promise<Heard> {
  for (let tries = 0; ; tries++) {
    const heard = await millrace(...args);
    if (!heard.err.includes('MR694') || tries === 60) return heard;
    await sleep(500);
  }
}

async function verb(
  command: (terminal: Terminal, finish: Finish) => Command,
  ...args: string[]
): Promise<Heard & { error?: string }> {
  const { heard, terminal } = ear();
  let status = 0;
  const made = command(terminal, (code) => {
    status = code;
  }).exitOverride();
  const error = await made.parseAsync(args, { from: 'user' }).then(
    () => undefined,
    (failure: Error) => failure.message,
  );
  return { status, ...heard, ...(error !== undefined && { error }) };
}
