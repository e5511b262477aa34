import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '../lib/errors.ts';
import { projectFolder } from '../lib/local/root.ts';

/** A MiniStack of our own on 127.0.0.1. Disposing of it stops it. */
export interface Twin extends AsyncDisposable {
  /** Where it answers, for all services: `http://127.0.0.1:PORT`. */
  endpoint: string;
  /** What a client of AWS needs in its environment to talk to it and to nothing else. */
  environment: Record<string, string>;
  logFile: string;
  /** Empties it. Throws MR653 where it does not answer. */
  reset(): Promise<void>;
  /** Ends it and all that it started: SIGTERM, and SIGKILL after `patience`. */
  stop(): Promise<void>;
}

export interface TwinOptions {
  /** Step Functions in virtual time, for the comparison of the interpreters. */
  agreement?: boolean;
  /** Step Functions without our corrections. */
  asPublished?: boolean;
  /** For its log and what it stores; a temporary one, removed with it, unless given. */
  folder?: string;
  /** Milliseconds until it must answer. */
  startTimeout?: number;
  /** Milliseconds from SIGTERM to SIGKILL. It may take 20 seconds to close its connections. */
  patience?: number;
  /** Further settings of MiniStack, as `AUTH: 'true'`. */
  settings?: Record<string, string>;
}

const python = path.join(projectFolder, '.venv-twin', 'bin', 'python');

/** Whether the twin's Python environment is there. */
export const isTwinInstalled = (): boolean => existsSync(python);

/** Starts a twin and waits until it answers. Throws MR650 without its environment, MR651 where it ends or stays silent. */
export async function startTwin(options: TwinOptions = {}): Promise<Twin> {
  const { agreement = false, asPublished = false, startTimeout = 60_000, patience = 20_000, settings = {} } = options;
  if (!isTwinInstalled()) {
    const message = 'there is no Python environment for the twin';
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
  // Its log is there before the launcher opens it, so that a Python that does not start is told of as well.
  const log = await open(logFile, 'a');
  const child = spawn(python, args, {
    stdio: ['pipe', log.fd, log.fd],
    // A group of its own, so that the workers of its Lambdas can be ended with it.
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
    `the twin ${what}${last && `; its last words:\n${last}`}`,
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
    // Nothing of the group is left.
  }
  await ended;
}

function freePort(): Promise<number> {
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
