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
  /** Keeps logs and calls there; a temporary folder, removed afterwards, unless given. */
  folder?: string;
  tell(line: string): void;
}

/** The churn pipeline, deployed, while each call is judged by the role that makes it and written down. */
export interface UnderRoles {
  account: Account;
  names: ReturnType<typeof namesOf>;
  /** Input files as they were put, below it. */
  data: string;
  machine: string;
  templates: Templates;
  /** How many lines of calls there are by now. */
  mark(): Promise<number>;
  /** What was called since a mark; everything unless told. */
  calls(since?: number): Promise<Call[]>;
}

/**
 * Deploys every stack of the recorded environment, has IAM enforced, and hands it over, with input files that no run has taken.
 * Nothing is left of it afterwards.
 */
export async function underRoles<T>(
  { customers, folder, tell }: RecordingOptions,
  use: (here: UnderRoles) => Promise<T>,
): Promise<T> {
  const scratch = folder ?? (await mkdtemp(path.join(tmpdir(), 'millrace-permissions-')));
  await mkdir(scratch, { recursive: true });
  const names = namesOf(recorded);
  const twinFolder = path.join(scratch, 'twin');
  // Of a run before, in a folder that is kept.
  await rm(twinFolder, { recursive: true, force: true });
  const settings = {
    MILLRACE_TWIN_RECORDING: '1',
    // The account's own key, which is refused nothing, has to be known once keys are looked at.
    AWS_SECRET_ACCESS_KEY: 'twin',
    // What is tried again is so at once, or nearly.
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
  await until('IAM being enforced', async () => existsSync(path.join(folder, 'enforce-iam.done')) || undefined);
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

/** What `look` finds in the end. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, seconds = 60): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(150)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what} did not come within ${seconds} s`);
  }
}
