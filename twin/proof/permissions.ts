import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { environments } from '../../environments.ts';
import { pythonOf } from '../../lib/local/python.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { namesOf } from '../../lib/stacks/names.ts';
import { startTwin } from '../ministack.ts';
import { type Call, callsIn } from '../recording/calls.ts';
import { Account } from './account.ts';
import { cdkOn } from './cdk.ts';

const run = promisify(execFile);

export interface RecordingOptions {
  customers: number;
  /** Keeps logs and calls there; a temporary folder, removed afterwards, unless given. */
  folder?: string;
  tell(line: string): void;
}

/** What was called while the churn pipeline ran under its own roles, and the templates that those roles came from. */
export interface Recorded {
  calls: Call[];
  /** Stack -> synthesised template. */
  templates: Record<string, { Resources: Record<string, { Type: string; Properties?: unknown }> }>;
}

/**
 * Deploys every stack of `twin`, then has IAM enforced, and lets files start a run, new rows a second one, and an alarm a rollback.
 * Throws where any of it fails, as it does where a role lacks what it needs.
 */
export async function recordPermissions({ customers, folder, tell }: RecordingOptions): Promise<Recorded> {
  const scratch = folder ?? (await mkdtemp(path.join(tmpdir(), 'millrace-permissions-')));
  await mkdir(scratch, { recursive: true });
  const names = namesOf(environments.twin);
  const churn = names.pipeline('churn');
  const twinFolder = path.join(scratch, 'twin');
  // The account's own key, which is refused nothing, has to be known once keys are looked at.
  const settings = { MILLRACE_TWIN_RECORDING: '1', AWS_SECRET_ACCESS_KEY: 'twin' };
  const twin = await startTwin({ folder: twinFolder, settings });
  const outside = { ...process.env };
  try {
    Object.assign(process.env, twin.environment);
    const account = new Account();
    const output = path.join(scratch, 'cdk.out');
    const cdk = cdkOn(twin.environment, output, path.join(scratch, 'cdk.log'));
    await cdk('bootstrap', `aws://${environments.twin.account}/${environments.twin.region}`);
    await cdk('deploy', '--all', '--require-approval', 'never');
    tell('deployed');
    await enforce(twinFolder);
    const machine = await account.machineArn(churn.machine);

    const data = path.join(scratch, 'data');
    await generate(data, customers, 42);
    await account.upload(data, names.bucket('raw'), 'churn/');
    await account.nextRun(machine, new Set());
    tell('a first run ended');
    const known = new Set((await account.runs(machine)).map((entry) => entry.name!));
    const more = path.join(scratch, 'more');
    await generate(more, Math.max(200, Math.round(customers / 5)), 43);
    await cp(path.join(more, 'customers', 'part-00000.csv'), path.join(data, 'customers', 'part-more.csv'));
    await account.upload(path.join(data, 'customers'), names.bucket('raw'), 'churn/customers/');
    await account.nextRun(machine, known);
    tell('a second run ended');
    await account.alarm(churn.alarm('churn-auc-drop'), 'the proof says so');
    await until('the rollback', async () => (await promotions(account, names.bucket('lake'))) > 2);
    tell('the model was rolled back');
    const calls = callsIn(await readFile(path.join(twinFolder, 'calls.jsonl'), 'utf8'));
    return { calls, templates: await templatesOf(output) };
  } finally {
    await twin.stop();
    for (const name of Object.keys(process.env)) if (!(name in outside)) delete process.env[name];
    Object.assign(process.env, outside);
    if (folder === undefined) await rm(scratch, { recursive: true, force: true });
  }
}

async function enforce(folder: string): Promise<void> {
  await writeFile(path.join(folder, 'enforce-iam'), '');
  await until('IAM being enforced', async () => existsSync(path.join(folder, 'enforce-iam.done')));
}

async function templatesOf(output: string): Promise<Recorded['templates']> {
  const manifest = JSON.parse(await readFile(path.join(output, 'manifest.json'), 'utf8')) as {
    artifacts: Record<string, { type: string; properties?: { templateFile?: string } }>;
  };
  const stacks = Object.entries(manifest.artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const read = stacks.map(async ([name, { properties }]) => {
    const text = await readFile(path.join(output, properties!.templateFile!), 'utf8');
    return [name, JSON.parse(text)] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

async function generate(out: string, customers: number, seed: number): Promise<void> {
  const script = path.join(projectFolder, 'pipelines', 'churn', 'generate.py');
  const size = ['--customers', String(customers), '--seed', String(seed)];
  await run(await pythonOf('sail'), [script, ...size, '--out', out]);
}

async function promotions(account: Account, lake: string): Promise<number> {
  return (await account.text(lake, 'models/churn/churn/promotions.jsonl')).trimEnd().split('\n').length;
}

async function until(what: string, holds: () => Promise<boolean>, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !(await holds()); await sleep(200)) {
    if (Date.now() > end) throw new Error(`${what} did not come within ${seconds} s`);
  }
}
