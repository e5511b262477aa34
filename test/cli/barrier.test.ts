import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failed } from '../../lib/cli/barrier.ts';
import { isWatched } from '../../lib/cli/run-renderers.ts';
import { loadPlan } from '../../lib/local/load.ts';
import { projectFolder, Root } from '../../lib/local/root.ts';
import { runPipeline } from '../../lib/local/run.ts';
import { millrace } from '../e2e/lab.ts';

/** All faults are rendered in one way: a code, a place, a hint, a documented exit code, and with --json a document. */

let folder: string;
const at = (...names: string[]) => path.join(folder, ...names);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-barrier-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const program = path.join(projectFolder, 'bin', 'millrace.mjs');
const issuesOf = (out: string) =>
  (JSON.parse(out) as { issues: { code: string; path: string; message: string; hint: string }[] }).issues;

describe('wrong arguments are MR706, exit code 2, and a document with --json', () => {
  test.each([
    [['run', '--json'], 'millrace run', "missing required argument 'pipeline'"],
    [['runn', 'churn', '--json'], 'millrace', "unknown command 'runn'"],
    [['--json'], 'millrace', "unknown option '--json'"],
    [['bookmarks', '--json'], 'millrace bookmarks', "unknown option '--json'"],
    [['run', 'churn', '--nope', '--json'], 'millrace run', "unknown option '--nope'"],
    [['run', 'churn', '--engine', 'duck', '--json'], 'millrace run', '--engine'],
    [['generate', 'churn', '--customers', '0', '--json'], 'millrace generate', '1 or more'],
    [['generate', 'churn', '--customers', '', '--json'], 'millrace generate', 'whole number'],
    [['status', 'churn', '--root', '', '--json'], 'millrace status', 'give the name of a folder'],
    [['status', 'churn', '--root', '--json'], 'millrace status', 'give the name of a folder'],
    [['bookmarks', 'show', '--json'], 'millrace bookmarks show', "missing required argument 'pipeline'"],
    [['models', 'show', '--json'], 'millrace models show', "missing required argument 'pipeline'"],
    [['models', 'list', '--root', 'show', '--json'], 'millrace models list', "missing required argument 'pipeline'"],
    [['status', 'check', '--nope', '--json'], 'millrace status', "unknown option '--nope'"],
    [['bookmarks', 'rewind', 'churn', '--json'], 'millrace bookmarks rewind', "missing required argument 'source'"],
  ])('%j', async (args, place, what) => {
    const { code, out, err } = await millrace(...args);
    expect(code).toBe(2);
    expect(issuesOf(out)).toMatchObject([{ code: 'MR706', path: place, message: expect.stringContaining(what) }]);
    expect(issuesOf(out)[0]!.hint).not.toBe('');
    expect(err).toContain('MR706');
  });

  test('the hint suggests what was meant', async () => {
    expect((await millrace('runn', 'churn')).err).toMatch(/try {3}run\n/);
    expect((await millrace('run', 'churn', '--forse', 'train')).err).toMatch(/try {3}--force\n/);
  });

  test('the hint says why an option cannot be used with --env', async () => {
    const { code, err } = await millrace('run', 'churn', '--data', 'd', '--env', 'nope');
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/try {3}a deployed pipeline reads its bucket: leave out --data\n/),
    ]);
    expect((await millrace('run', 'churn', '--engine', 'sail', '--env', 'nope')).err).toMatch(
      /try {3}a deployed pipeline has the engine of its environment: leave out --engine\n/,
    );
  });

  test('the hint names the verbs that have an option that this verb lacks', async () => {
    const { code, err } = await millrace('plan', 'churn', '--env', 'nope');
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(
        /unknown option '--env'[\s\S]*try {3}leave it out; --env is an option of run, status, show, logs, backfill, models, .*deploy, destroy\n/,
      ),
    ]);
    expect((await millrace('status', 'churn', '--file', 'a')).err).toMatch(
      /--file is an option of backfill, bookmarks rewind, bookmarks set\n/,
    );
  });

  test('help and version are documents too', async () => {
    for (const args of [['--help'], ['run', '--help'], ['--version']]) {
      const { code, out } = await millrace(...args, '--json');
      expect([code, JSON.parse(out)]).toEqual([0, { status: 'ok', text: expect.stringMatching(/Usage|^0\.\d/) }]);
    }
  });
});

test('an unknown pipeline gives MR101 and exit code 2 for every verb', async () => {
  for (const args of [
    ['status', 'nope'],
    ['plan', 'nope'],
    ['logs', 'nope'],
    ['check', 'nope'],
    ['score', 'nope', '--id', 'a'],
  ]) {
    const { code, out } = await millrace(...args, '--root', at('none'), '--json');
    expect([args[0], code, issuesOf(out)]).toMatchObject([args[0], 2, [{ code: 'MR101' }]]);
  }
});

describe('before the first run', () => {
  const asked = (...args: string[]) => millrace(...args, '--root', at('none'));

  test.each([
    [['status', 'churn'], /^churn has not run in .*\n {2}try {3}millrace run churn\n$/, { last: null }],
    [['show', 'churn'], /^churn has no tables in .* yet\n {2}try {3}millrace run churn\n$/, { tables: [] }],
    [['logs', 'churn'], /^churn has not run yet\n {2}try {3}millrace run churn\n$/, { run: null, lines: [] }],
    [
      ['models', 'list', 'churn'],
      /^no model of churn was trained yet\n {2}try {3}millrace run churn\n$/,
      { models: [] },
    ],
  ])('%j, a question about what there is, exits with 0', async (args, text, document) => {
    const said = await asked(...args);
    expect([said.code, said.out]).toEqual([0, expect.stringMatching(text)]);
    const json = await asked(...args, '--json');
    expect([json.code, JSON.parse(json.out)]).toMatchObject([0, { pipeline: 'churn', ...document }]);
  });

  test.each([
    [['show', 'churn', 'silver.customers_clean'], 'MR161'],
    [['logs', 'churn', '--run', 'r-none'], 'MR702'],
    [['logs', 'churn', 'customers_clean', '--plan'], 'MR702'],
    [['models', 'show', 'churn'], 'MR406'],
    [['score', 'churn', '--id', 'C-1'], 'MR406'],
  ])('%j, a request for something that a run makes, exits with 1', async (args, code) => {
    const said = await asked(...args, '--json');
    expect([said.code, issuesOf(said.out)]).toMatchObject([
      1,
      [{ code, hint: expect.stringContaining('millrace run churn') }],
    ]);
  });
});

test('the logical plans are only printed beside the physical one', async () => {
  const said = await millrace('logs', 'churn', 'customers_clean', '--full', '--root', at('none'));
  expect([said.code, said.err]).toEqual([
    2,
    expect.stringMatching(/MR706 .*--full needs --plan[\s\S]*--plan --full`\n/),
  ]);
});

test('a name that leads out of the lake is refused, and nothing outside is read or written', async () => {
  await mkdir(at('lake', 'state'), { recursive: true });
  for (const args of [
    ['status', '../../outside'],
    ['bookmarks', 'show', '../../outside'],
    ['bookmarks', 'rewind', '../../outside', 'x'],
    ['status', '..'],
    ['bookmarks', 'show', 'a/b'],
  ]) {
    const { code, out } = await millrace(...args, '--root', at('lake'), '--json');
    expect([code, issuesOf(out)]).toMatchObject([2, [{ code: 'MR101' }]]);
  }
  expect(await readdir(folder)).not.toContain('outside.json');
});

test('a file without a default export is MR101, not a list of missing options', async () => {
  await mkdir(at('bare'));
  for (const text of ["export const definition = { name: 'bare' };\n", '', 'export default 7;\n']) {
    await writeFile(at('bare', 'pipeline.ts'), text);
    const said = spawnSync(process.execPath, [program, 'check', at('bare'), '--root', at('none'), '--json'], {
      encoding: 'utf8',
    });
    expect([said.status, issuesOf(said.stdout)]).toMatchObject([
      1,
      [{ code: 'MR101', message: 'the file exports no definition' }],
    ]);
  }
});

test('output that cannot be written gives exit code 5 and MR529', () => {
  const full = openSync('/dev/full', 'w');
  for (const args of [['status', 'churn'], ['status', 'churn', '--json'], ['doctor'], ['--help']]) {
    const said = spawnSync(process.execPath, [program, ...args, '--root', at('none')], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    expect([said.status, said.stderr]).toEqual([5, expect.stringMatching(/^MR529 .*ENOSPC/m)]);
    expect(said.stderr).not.toMatch(/^ {4}at /m);
  }
  const said = spawnSync(process.execPath, [program, 'status', 'nope', '--root', at('none')], {
    stdio: ['ignore', full, full],
  });
  expect(said.status).toBe(2);
});

describe('an unexpected error', () => {
  test('is one sentence, MR539 and a file with the trace, below the root and readable only by its owner', async () => {
    await mkdir(at('root'), { recursive: true });
    const said = { out: '', err: '' };
    const terminal = {
      out: { write: (text: string) => (said.out += text) },
      err: { write: (text: string) => (said.err += text) },
    };
    expect(
      await failed(
        new TypeError('x is not a function\nsecond line'),
        ['run', '--json', '--root', at('root')],
        terminal,
      ),
    ).toBe(1);
    const [issue] = issuesOf(said.out);
    expect(issue).toMatchObject({ code: 'MR539', message: 'Millrace failed: TypeError: x is not a function' });
    expect(issue!.path).toBe(path.join(at('root', 'faults'), path.basename(issue!.path)));
    expect(await readFile(issue!.path, 'utf8')).toContain('barrier.test.ts');
    expect((await stat(issue!.path)).mode & 0o077).toBe(0);
    expect(said.err).not.toContain('barrier.test.ts:');
  });

  test('saves its trace elsewhere if the root is not writable', async () => {
    const said: string[] = [];
    const terminal = { out: { write: () => undefined }, err: { write: (text: string) => said.push(text) } };
    await failed(new Error('odd'), ['status', '--root', '/dev/null'], terminal);
    const file = /at {4}(\S+)/.exec(said.join(''))![1]!;
    expect(await readFile(file, 'utf8')).toContain('Error: odd');
    await rm(path.dirname(file), { recursive: true });
  });
});

describe('a run that is stopped before it has claimed anything', () => {
  test('is MR528, and leaves nothing', async () => {
    await millrace('generate', 'churn', '--customers', '20', '--out', at('data'));
    const plan = await loadPlan('churn');
    const stopped = runPipeline({
      plan,
      root: new Root(at('stopped')),
      engine: 'sail',
      data: at('data'),
      emit: () => undefined,
      signal: AbortSignal.abort(new Error('interrupted')),
    });
    await expect(stopped).rejects.toMatchObject({ issues: [{ code: 'MR528', path: 'churn' }], exitCode: 1 });
    expect(await readdir(at('stopped')).catch(() => [])).not.toContain('runs');
  });

  test('shows no stack trace, however early the signal comes', async () => {
    await millrace('generate', 'churn', '--customers', '20', '--out', at('data'));
    const args = [program, 'run', 'churn', '--data', at('data'), '--root', at('early')];
    const child = spawn(process.execPath, args, { cwd: projectFolder });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = once(child, 'close');
    const asking = setInterval(() => child.kill('SIGINT'), 20);
    const [status, signal] = (await ended) as [number | null, string | null];
    clearInterval(asking);
    expect(said).not.toMatch(/^ {4}at /m);
    // Before the program handles signals, the signal ends it like any other program.
    if (signal === null) expect(status).toBe(1);
  });
});

test('a tree is drawn on a terminal that is wide enough', () => {
  const stream = (columns?: number) => ({
    isTTY: true,
    write: () => undefined,
    ...(columns !== undefined && { columns }),
  });
  const ci = process.env['CI'];
  delete process.env['CI'];
  expect([0, 1, 39, 40, 200, undefined].map((columns) => isWatched(stream(columns)))).toEqual([
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
  if (ci !== undefined) process.env['CI'] = ci;
});

test('help is readable on a terminal that reports no columns', async () => {
  const said: string[] = [];
  const { program: cli } = await import('../../lib/cli/program.ts');
  const out = { isTTY: true, columns: 0, write: (text: string) => said.push(text) };
  await cli(['run', '--help'], { out, err: out });
  expect(said.join('')).toMatch(/run a pipeline, on this machine or deployed/);
});
