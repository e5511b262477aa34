import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunDocument } from '../../lib/documents/run-document.ts';
import { projectFolder } from '../../lib/local/root.ts';

/** A clone, its root and its data may be in any folder. */

const odd = `Kunden März #1?%20{a} "b" 'c' *`;
let scratch: string;
let clone: string;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
  clone = path.join(scratch, odd);
  await mkdir(clone);
  const copied = ['bin', 'lib', 'lambdas', 'glue-scripts', 'pipelines', 'contracts'];
  const files = ['environments.ts', 'package.json', 'tsconfig.json'];
  const filter = (file: string) => !/__pycache__|\/tests(\/|$)|_cache(\/|$)/.test(file);
  for (const name of [...copied, ...files]) {
    await cp(path.join(projectFolder, name), path.join(clone, name), { recursive: true, filter });
  }
  for (const name of ['node_modules', '.venv']) await symlink(path.join(projectFolder, name), path.join(clone, name));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const millrace = (...args: string[]) =>
  spawnSync('node', [path.join(clone, 'bin', 'millrace.mjs'), ...args], { cwd: clone, encoding: 'utf8' });

test('a clone in a folder of any name generates data, runs, and has nothing to do in a second run', () => {
  const generated = millrace('generate', 'churn', '--customers', '400');
  expect(generated.stderr + generated.stdout).toContain(odd);
  expect(generated.status).toBe(0);
  const first = millrace('run', 'churn', '--json');
  expect([first.status, first.stderr]).toEqual([0, expect.not.stringContaining('MR')]);
  const document = JSON.parse(first.stdout) as RunDocument;
  expect(document.status).toBe('succeeded');
  expect(document.report).toContain(odd);
  const again = JSON.parse(millrace('run', 'churn', '--json').stdout) as RunDocument;
  expect(again.status).toBe('nothing to do');
  const status = millrace('status', 'churn');
  expect([status.status, status.stdout]).toEqual([0, expect.stringContaining('churn')]);
});
