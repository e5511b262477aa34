import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

/** Runs the programs as separate processes, without AWS variables, with an empty home and no network beyond this machine. */

const require = createRequire(import.meta.url);

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'millrace-alone-'));
  await mkdir(path.join(scratch, 'home'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const refusedFile = () => path.join(scratch, 'refused');
beforeEach(() => rm(refusedFile(), { force: true }));

function started(command: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK|HTTPS?_PROXY|NO_PROXY)/i.test(name));
  const here = path.join(projectFolder, 'test', 'cli');
  const closed = 'http://127.0.0.1:1';
  const env = {
    ...Object.fromEntries(inherited),
    HOME: path.join(scratch, 'home'),
    CDK_VALIDATION: 'false',
    CI: 'true',
    // In quotes, because the project's folder may have a blank in its name.
    NODE_OPTIONS: `--require ${JSON.stringify(require.resolve('./only-this-machine.cjs'))}`,
    PYTHONPATH: here,
    MILLRACE_REFUSED_CONNECTIONS: refusedFile(),
    // For programs that are neither Node nor Python.
    HTTP_PROXY: closed,
    HTTPS_PROXY: closed,
    NO_PROXY: '127.0.0.1,localhost',
    ...more,
  };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: projectFolder, env, encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

const script = (name: string, args: readonly string[], more?: NodeJS.ProcessEnv) =>
  started(process.execPath, [path.join(projectFolder, 'bin', 'millrace.mjs'), name, ...args], more);
const millrace = (...args: string[]) =>
  started(process.execPath, [
    path.join(projectFolder, 'bin', 'millrace.mjs'),
    ...args,
    '--root',
    path.join(scratch, 'root'),
  ]);
const refused = async () =>
  existsSync(refusedFile()) ? (await readFile(refusedFile(), 'utf8')).trim().split('\n') : [];

test('the network is closed for Node and for Python, and attempts are recorded', async () => {
  const node = started(process.execPath, ['-e', 'fetch("http://192.0.2.1").catch((e) => console.log(e.cause.code))']);
  expect(node.out).toBe('EHOSTUNREACH\n');
  const python = path.join(projectFolder, '.venv', 'bin', 'python');
  const program = 'import urllib.request as u; u.build_opener(u.ProxyHandler({})).open("http://192.0.2.2", timeout=5)';
  expect(started(python, ['-c', program]).err).toContain('no way to 192.0.2.2');
  expect(await refused()).toEqual(['192.0.2.1', '192.0.2.2']);
});

describe('works without an account, credentials and a network', () => {
  const data = () => path.join(scratch, 'data');

  const quiet = async (said: ReturnType<typeof started>, out: RegExp) => {
    // Except for the age of the price table.
    expect(said.err.replaceAll('MR635', '')).not.toMatch(/\bMR\d{3}\b/);
    expect(said.out).toMatch(out);
    expect(said.status).toBe(0);
    expect(await refused()).toEqual([]);
  };

  test('generate, check and plan', async () => {
    await quiet(millrace('generate', 'churn', '--customers', '200', '--out', data()), /./);
    await quiet(millrace('check', 'churn', '--json'), /"status": "ok"/);
    await quiet(millrace('plan', 'churn', '--data', data()), /run {2}\s*customers {2,}ingest/);
  });

  test('cost, of a plan and of an environment, and with a limit', async () => {
    await quiet(millrace('cost', 'churn', '--rows', '1000000'), /a month .*\$/);
    await quiet(millrace('cost', 'churn', '--rows', '1000000', '--env', 'prod'), /churn in prod/);
    const over = millrace('cost', 'churn', '--rows', '1000000', '--max-usd', '1');
    expect([over.status, over.err]).toEqual([1, expect.stringContaining('MR634')]);
  });

  test('synth', async () => {
    await quiet(
      script('synth', ['--env', 'prod', '--limit', '600']),
      /^prod {5}\d stacks, \d+ resources .*none broken\n$/,
    );
  });

  test('diff --local', async () => {
    const args = ['--env', 'dev', '--local', '--root', path.join(scratch, 'root')];
    const first = script('diff', args);
    await quiet(first, /^dev, compared with nothing: it is not deployed\n\nResources: \d+ added, 0 unchanged\n/);
    for (const part of [
      'Data to recompute: nothing is deployed yet',
      'Cost per month',
      'Permissions widened: \\d+ statements',
    ])
      expect(first.out).toMatch(new RegExp(`^${part}`, 'm'));
  });

  test('help, and the version', async () => {
    await quiet(
      started(process.execPath, [path.join(projectFolder, 'bin', 'millrace.mjs'), '--help']),
      /Usage: millrace/,
    );
  });
});

describe('without its requirements', () => {
  const codeOf = ({ status, out }: ReturnType<typeof started>) => [
    status,
    (JSON.parse(out) as { issues: { code: string; hint: string }[] }).issues.map(({ code, hint }) => [code, hint]),
  ];

  test.each(['deploy', 'diff', 'destroy'])('%s without an environment lists the environments: MR600, MR706', (name) => {
    const known = 'known: dev, staging, prod, twin';
    expect(codeOf(script(name, ['--env', 'tst', '--json']))).toEqual([2, [['MR600', known]]]);
    const named = 'add one: --env dev, --env staging, --env prod, --env twin';
    expect(codeOf(script(name, ['--json']))).toEqual([2, [['MR706', named]]]);
  });

  test('every command that needs an account asks for credentials at once: MR690', async () => {
    const hint = 'sign in (`aws sso login`), or set AWS_PROFILE';
    const asked = [
      script('deploy', ['--env', 'dev', '--json', '--root', scratch]),
      script('diff', ['--env', 'dev', '--json', '--root', scratch]),
      script('destroy', ['--env', 'dev', '--name', 'dev', '--json', '--root', scratch]),
      ...['run', 'status', 'logs'].map((verb) => millrace(verb, 'churn', '--env', 'dev', '--json')),
      millrace('backfill', 'churn', '--env', 'dev', '--source', 'customers', '--json'),
    ];
    expect(asked.map(codeOf)).toEqual(asked.map(() => [5, [['MR690', hint]]]));
  });

  test('an endpoint that does not answer is MR693', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    const more = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    for (const name of ['deploy', 'diff']) {
      const said = script(name, ['--env', 'dev', '--json', '--root', scratch], more);
      expect(codeOf(said)).toEqual([5, [['MR693', 'check the network connection, the proxy and AWS_ENDPOINT_URL']]]);
    }
  });

  test('a local folder or engine is a usage fault for a deployed pipeline', () => {
    for (const option of [
      ['--data', 'x'],
      ['--engine', 'spark'],
    ]) {
      const said = millrace('run', 'churn', '--env', 'dev', ...option);
      expect([said.status, said.err]).toEqual([2, expect.stringContaining(`option '${option[0]} `)]);
    }
  });

  test.each(['deploy', 'destroy'])('%s in another region than the environment is refused: MR698', (name) => {
    const more = name === 'destroy' ? ['--name', 'dev'] : [];
    const said = script(name, ['--env', 'dev', '--json', '--root', scratch, ...more], { AWS_REGION: 'us-east-1' });
    expect(codeOf(said)).toEqual([5, [['MR698', 'unset AWS_REGION, or set it to eu-central-1']]]);
  });

  test('destroy of prod is refused without its typed name, before any call: MR704', async () => {
    expect(codeOf(script('destroy', ['--env', 'prod', '--json']))).toEqual([2, [['MR704', 'add --name prod']]]);
    expect(codeOf(script('destroy', ['--env', 'prod', '--name', 'dev', '--json']))).toEqual([
      2,
      [['MR704', 'add --name prod']],
    ]);
    expect(await refused()).toEqual([]);
  });

  test('a missing profile means no credentials: MR690', async () => {
    await writeFile(path.join(scratch, 'home', 'config'), '[default]\nregion = eu-central-1\n');
    const more = { AWS_PROFILE: 'nobody', AWS_CONFIG_FILE: path.join(scratch, 'home', 'config') };
    const hint = 'sign in (`aws sso login --profile nobody`), or set AWS_PROFILE to another';
    expect(codeOf(script('diff', ['--env', 'dev', '--json', '--root', scratch], more))).toEqual([5, [['MR690', hint]]]);
  });
});
