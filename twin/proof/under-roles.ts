import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { namesOf } from '../../lib/environment/names.ts';
import { pythonOf } from '../../lib/local/python.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { startTwin } from '../ministack.ts';
import { type Call, callsIn } from '../recording/calls.ts';
import { recorded } from '../recording/environment.ts';
import type { Templates } from '../recording/statements.ts';
import { Account } from './account.ts';
import { cdkOn } from './cdk.ts';

const run = promisify(execFile);

export interface RecordingOptions {
  customers: number;
  /** The folder for logs and calls. By default a temporary folder, which is removed afterwards. */
  folder?: string;
  tell(line: string): void;
}

/** The deployed churn pipeline, with IAM enforced and each call recorded with the role that makes it. */
export interface UnderRoles {
  account: Account;
  names: ReturnType<typeof namesOf>;
  /** The folder of the input files. */
  data: string;
  machine: string;
  templates: Templates;
  /** The number of calls recorded so far. */
  mark(): Promise<number>;
  /** The calls since a mark; by default all calls. */
  calls(since?: number): Promise<Call[]>;
}

/**
 * Deploys every stack of the recorded environment, enforces IAM, and passes it to `use`, with input files that no run has read yet.
 * Removes everything afterwards.
 */
export async function underRoles<T>(
  { customers, folder, tell }: RecordingOptions,
  use: (here: UnderRoles) => Promise<T>,
): Promise<T> {
  const scratch = folder ?? (await mkdtemp(path.join(tmpdir(), 'millrace-permissions-')));
  await mkdir(scratch, { recursive: true });
  const names = namesOf(recorded);
  const twinFolder = path.join(scratch, 'twin');
  // Remove the data of an earlier run, if the folder was kept.
  await rm(twinFolder, { recursive: true, force: true });
  const settings = {
    MILLRACE_TWIN_RECORDING: '1',
    // The secret of the account's own key, which may do everything. MiniStack checks it once IAM is enforced.
    AWS_SECRET_ACCESS_KEY: 'twin',
    // Retry almost at once.
    SFN_WAIT_SCALE: '0.05',
    LAMBDA_ASYNC_RETRY_BASE_SECONDS: '0.1',
  };
  const twin = await startTwin({ folder: twinFolder, settings, patience: 2000 });
  const outside = { ...process.env };
  try {
    Object.assign(process.env, twin.environment);
    const output = path.join(scratch, 'cdk.out');
    const cdk = cdkOn(twin.environment, output, path.join(scratch, 'cdk.log'));
    await cdk('bootstrap', `aws://${recorded.account}/${recorded.region}`);
    const app = 'node bin/typescript.mjs twin/recording/app.ts';
    await cdk('deploy', '--all', '--require-approval', 'never', '--app', app);
    tell('deployed');
    await enforce(twinFolder);
    const account = new Account();
    const data = path.join(scratch, 'data');
    await generate(data, customers, 42);
    const lines = async () =>
      (await readFile(path.join(twinFolder, 'calls.jsonl'), 'utf8').catch(() => '')).split('\n').slice(0, -1);
    return await use({
      account,
      names,
      data,
      machine: await account.machineArn(names.pipeline('churn').machine),
      templates: await templatesOf(output),
      mark: async () => (await lines()).length,
      calls: async (since = 0) => callsIn((await lines()).slice(since).join('\n')),
    });
  } finally {
    await twin.stop();
    for (const name of Object.keys(process.env)) if (!(name in outside)) delete process.env[name];
    Object.assign(process.env, outside);
    if (folder === undefined) await rm(scratch, { recursive: true, force: true });
  }
}

async function enforce(folder: string): Promise<void> {
  await writeFile(path.join(folder, 'enforce-iam'), '');
  await until('the switch to enforced IAM', async () => existsSync(path.join(folder, 'enforce-iam.done')) || undefined);
}

async function templatesOf(output: string): Promise<Templates> {
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

/** Calls `look` until it returns something, and returns that. Throws after `seconds`. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, seconds = 60): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(150)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
  }
}
