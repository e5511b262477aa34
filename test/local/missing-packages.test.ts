import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lackedPackage } from '../../lib/local/python.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { millrace } from '../e2e/lab.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
  await mkdir(path.join(scratch, 'in'));
  await writeFile(path.join(scratch, 'in', 'a.parquet'), 'x');
  const python = path.join(projectFolder, '.venv', 'bin', 'python');
  // Without packages, as after an interrupted set-up.
  await writeFile(path.join(scratch, 'python'), `#!/bin/sh\nexec '${python}' -S "$@"\n`);
  await chmod(path.join(scratch, 'python'), 0o755);
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

test.each([
  ['check', 'churn'],
  ['discover', 'in'],
  ['generate', 'churn'],
])('an environment that lacks a package is named by %s, with what to do', async (verb, what) => {
  const before = process.env['MILLRACE_PYTHON'];
  process.env['MILLRACE_PYTHON'] = path.join(scratch, 'python');
  try {
    const place = what === 'in' ? path.join(scratch, what) : what;
    const { code, err } = await millrace(verb, place, '--root', path.join(scratch, 'root'));
    expect([code, err]).toEqual([5, expect.stringMatching(/MR505 {2}.*lacks the package \w+[\s\S]*requirements\.txt/)]);
  } finally {
    if (before === undefined) delete process.env['MILLRACE_PYTHON'];
    else process.env['MILLRACE_PYTHON'] = before;
  }
});

test('the hint names the set-up command of each engine', () => {
  const last = "ModuleNotFoundError: No module named 'pyarrow.parquet'";
  const message = 'the Python environment lacks the package pyarrow';
  expect(lackedPackage('sail', last)).toMatchObject({ message, hint: 'run `npm run setup`' });
  expect(lackedPackage('spark', last)).toMatchObject({ message, hint: 'run `npm run setup -- --spark`' });
  expect(lackedPackage('sail', 'ValueError: No module named here')).toBeUndefined();
});

test('while a set-up runs, the hint is to wait for it; a set-up that is gone counts for nothing', async () => {
  const last = "ModuleNotFoundError: No module named 'pyarrow'";
  const hint = async (pid: string) => {
    await writeFile(path.join(scratch, '.millrace-setup'), pid);
    return lackedPackage('sail', last, scratch)!.hint;
  };
  expect(await hint(String(process.pid))).toBe(`the set-up is running (process ${process.pid}): wait for it`);
  const { pid } = spawnSync('true');
  expect(await hint(String(pid))).toBe('run `npm run setup`');
  expect(await hint('')).toBe('run `npm run setup`');
});
