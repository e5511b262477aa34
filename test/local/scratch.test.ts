import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tryToLock } from '../../lib/local/file-lock.ts';
import { projectFolder, Root } from '../../lib/local/root.ts';
import { sweepScratch } from '../../lib/local/scratch.ts';
import { millrace } from '../e2e/lab.ts';

/** The scratch rows of a run are below the root while it runs, and nowhere after it, however it ends. */

let folder: string;
const at = (...names: string[]) => path.join(folder, ...names);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-scratch-test-'));
  await millrace('generate', 'churn', '--customers', '2000', '--out', at('data'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const filesBelow = async (place: string) =>
  (await readdir(place, { recursive: true, withFileTypes: true }).catch(() => [])).filter((entry) => entry.isFile());
const rowsBelow = async (place: string) => (await filesBelow(place)).filter((entry) => entry.name.endsWith('.parquet'));

/** Starts a run as a process. Returns once its scratch folder has rows. */
async function working(root: string): Promise<{ run: ChildProcess; ended: Promise<unknown>; engines: number[] }> {
  await mkdir(at('temporary'), { recursive: true });
  const args = [path.join(projectFolder, 'bin', 'millrace.mjs'), 'run', 'churn', '--data', at('data'), '--root', root];
  const run = spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, TMPDIR: at('temporary') } });
  const ended = once(run, 'close');
  while (run.exitCode === null && (await rowsBelow(path.join(root, 'tmp'))).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await rowsBelow(at('temporary'))).toEqual([]);
  const runs = await readdir(path.join(root, 'tmp')).catch(() => [] as string[]);
  const engines = await Promise.all(
    runs.map((name) => readdir(path.join(root, 'tmp', name)).catch(() => [] as string[])),
  );
  return { run, ended, engines: engines.flat().map(Number) };
}

describe.skipIf(process.platform !== 'linux')('rows in scratch files', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('are gone after %s', async (signal) => {
    const root = at(signal);
    const { run, ended } = await working(root);
    run.kill(signal);
    await ended;
    expect(await filesBelow(path.join(root, 'tmp'))).toEqual([]);
    expect(await rowsBelow(at('temporary'))).toEqual([]);
  });

  test('are gone with the engine if only the run is killed', async () => {
    const root = at('killed');
    const { run, ended, engines } = await working(root);
    run.kill('SIGKILL');
    await ended;
    while (engines.some(lives)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await filesBelow(path.join(root, 'tmp'))).toEqual([]);
  });

  test('are removed by the next run if the engine was killed too, and that run leaves none', async () => {
    const root = at('both');
    const { run, ended, engines } = await working(root);
    for (const engine of engines) process.kill(engine, 'SIGKILL');
    run.kill('SIGKILL');
    await ended;
    const left = await readdir(path.join(root, 'tmp'));
    expect(left).toHaveLength(1);
    expect((await millrace('run', 'churn', '--data', at('data'), '--root', root)).code).toBe(0);
    expect(await readdir(path.join(root, 'tmp'))).toEqual([]);
  });
});

test('files of a current run are not removed, and a link out of the root is not followed', async () => {
  const root = new Root(at('swept'));
  for (const run of ['r-on', 'r-dead']) {
    await mkdir(path.join(root.scratch(), run, '1'), { recursive: true });
    await writeFile(path.join(root.scratch(), run, '1', 'rows.parquet'), 'rows');
    await mkdir(root.run('churn', run), { recursive: true });
  }
  const held = await tryToLock(root.held('churn', 'r-on'));
  await sweepScratch(root);
  expect(await readdir(root.scratch())).toEqual(['r-on']);
  await held!.release();
  const linked = new Root(at('linked'));
  await mkdir(at('elsewhere', 'r-dead'), { recursive: true });
  await writeFile(at('elsewhere', 'r-dead', 'mine'), 'mine');
  await mkdir(linked.folder);
  await symlink(at('elsewhere'), linked.scratch());
  await sweepScratch(linked);
  expect(await readFile(at('elsewhere', 'r-dead', 'mine'), 'utf8')).toBe('mine');
});

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
