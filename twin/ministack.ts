import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '../lib/errors.ts';
import { projectFolder } from '../lib/local/root.ts';

/** A running MiniStack on 127.0.0.1. Disposing of it stops it. */
export interface Twin extends AsyncDisposable {
  /** The endpoint of all services: `http://127.0.0.1:PORT`. */
  endpoint: string;
  /** The environment variables with which an AWS client talks only to this twin. */
  environment: Record<string, string>;
  logFile: string;
  /** Deletes all resources. Throws MR653 if the twin does not answer. */
  reset(): Promise<void>;
  /** Ends the twin and all processes that it started: SIGTERM, then SIGKILL after `patience`. */
  stop(): Promise<void>;
}

export interface TwinOptions {
  /** Run Step Functions in virtual time, for the comparison of the interpreters. */
  agreement?: boolean;
  /** Run Step Functions without our corrections. */
  asPublished?: boolean;
  /** The folder for its log and its data. By default a temporary folder, which is removed when the twin stops. */
  folder?: string;
  /** How long it may take to answer, in milliseconds. */
  startTimeout?: number;
  /** Milliseconds from SIGTERM to SIGKILL. MiniStack may take 20 seconds to close its connections. */
  patience?: number;
  /** Further settings of MiniStack, such as `AUTH: 'true'`. */
  settings?: Record<string, string>;
}

const python = path.join(projectFolder, '.venv-twin', 'bin', 'python');

/** Whether the twin's Python environment is installed. */
export const isTwinInstalled = (): boolean => existsSync(python);

/** Starts a twin and waits until it answers. Throws MR650 if its environment is not installed, MR651 if it ends or does not answer. */
export async function startTwin(options: TwinOptions = {}): Promise<Twin> {
  const { agreement = false, asPublished = false, startTimeout = 60_000, patience = 20_000, settings = {} } = options;
  if (!isTwinInstalled()) {
    const message = "the twin's Python environment is not installed";
    throw fault('MR650', python, message, 'run `npm run setup -- --twin`');
  }
  const folder = options.folder ?? (await mkdtemp(path.join(tmpdir(), 'millrace-twin-')));
  const scratch = path.join(folder, 'tmp');
  await mkdir(scratch, { recursive: true });
  const logFile = path.join(folder, 'ministack.log');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const launcher = path.join(projectFolder, 'twin', 'launcher.py');
  const flags = [...(agreement ? ['--agreement'] : []), ...(asPublished ? ['--as-published'] : [])];
  const args = [launcher, '--port', String(port), '--log', logFile, ...flags];
  // Open the log before the launcher does, so that it also has the error if Python does not start.
  const log = await open(logFile, 'a');
  const child = spawn(python, args, {
    stdio: ['pipe', log.fd, log.fd],
    // A separate process group, so that the workers of its Lambdas can be ended with it.
    detached: true,
    env: {
      ...withoutAws(process.env),
      ...settings,
      TMPDIR: scratch,
      S3_DATA_DIR: path.join(scratch, 's3'),
      MILLRACE_TWIN_FOLDER: folder,
      MILLRACE_WATCH_STDIN: '1',
    },
  });
  child.on('error', () => undefined);
  await log.close();
  const stop = async () => {
    await end(child, patience);
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    await answers(endpoint, child, startTimeout, logFile);
  } catch (failure) {
    await stop();
    throw failure;
  }
  return {
    endpoint,
    environment: environmentFor(endpoint),
    logFile,
    reset: () => reset(endpoint),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function environmentFor(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: '000000000000',
    AWS_SECRET_ACCESS_KEY: 'twin',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ALLOW_HTTP: 'true',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

const withoutAws = (environment: NodeJS.ProcessEnv) =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));

async function answers(endpoint: string, child: ChildProcess, timeout: number, logFile: string): Promise<void> {
  const until = Date.now() + timeout;
  while (Date.now() < until) {
    if (hasEnded(child)) break;
    const answer = await fetch(`${endpoint}/_ministack/health`, { signal: AbortSignal.timeout(2000) }).catch(
      () => undefined,
    );
    if (answer?.ok) return;
    await sleep(50);
  }
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const last = log.trimEnd().split('\n').slice(-10).join('\n');
  const what = hasEnded(child) ? `ended with status ${child.exitCode}` : `did not answer within ${timeout / 1000} s`;
  throw fault(
    'MR651',
    logFile,
    `the twin ${what}${last && `; the end of its log:\n${last}`}`,
    'run `npm run setup -- --twin`',
  );
}

async function reset(endpoint: string): Promise<void> {
  const answer = await fetch(`${endpoint}/_ministack/reset`, { method: 'POST' }).catch(() => undefined);
  if (!answer?.ok) throw fault('MR653', endpoint, 'the twin does not answer', 'start it again');
}

const hasEnded = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

async function end(child: ChildProcess, patience: number): Promise<void> {
  if (child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => {
    if (hasEnded(child)) resolve();
    else child.once('exit', () => resolve());
  });
  if (!hasEnded(child)) child.kill('SIGTERM');
  await Promise.race([ended, sleep(patience, undefined, { ref: false })]);
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // No process of the group is left.
  }
  await ended;
}

/** A port of 127.0.0.1 that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

function fault(code: string, place: string, message: string, hint: string): MillraceError {
  return new MillraceError([{ code, path: place, message, hint }], 5);
}
