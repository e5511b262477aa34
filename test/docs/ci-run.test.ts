import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

/** `.ci/run` with an npm that runs nothing: `npm test` counts, the other parts end well or not. */

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'millrace-ci-'));
  const npm = [
    '#!/bin/sh',
    `echo "$MILLRACE_ALL $*" >>'${path.join(scratch, 'calls')}'`,
    '[ "$1" = test ] && echo "$TESTS"',
    '[ "$1$2" = "$FAILS" ] && exit 3',
    'exit 0',
  ];
  await writeFile(path.join(scratch, 'npm'), `${npm.join('\n')}\n`);
  await chmod(path.join(scratch, 'npm'), 0o755);
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function ciRun(env: { TESTS: string; FAILS?: string }) {
  await rm(path.join(scratch, 'calls'), { force: true });
  const { status, stdout } = spawnSync(path.join(projectFolder, '.ci', 'run'), {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${scratch}:${process.env['PATH']}`, ...env },
  });
  const calls = (await readFile(path.join(scratch, 'calls'), 'utf8')).trimEnd().split('\n');
  return { status, lines: stdout.trimEnd().split('\n'), calls };
}

test('CI plays all tests, style and types first, and its last line counts the tests and every other part', async () => {
  const { status, lines, calls } = await ciRun({ TESTS: '41 passed, 0 failed, 2 skipped' });
  expect([status, lines.at(-1)]).toEqual([0, `${41 + calls.length - 1} passed, 0 failed`]);
  expect(calls[0]).toBe('1 run lint');
  expect(calls).toContain('1 test');
  // One line for each part, with its seconds.
  expect(lines.filter((line) => /^ *\d+ s {2}(test|run )/.test(line))).toHaveLength(calls.length);
});

test.each([
  ['the tests', 'test', 'test', '40 passed, 1 failed', '43 passed, 1 failed'],
  ['the tests, before they count', 'test', 'test', '', '3 passed, 1 failed'],
  ['the tests, after they counted none that failed', 'test', 'test', '40 passed, 0 failed', '43 passed, 1 failed'],
  ['lint', 'runlint', 'run lint', '', '0 passed, 1 failed'],
])('CI ends at %s if they fail, names the part, and still counts', async (_, FAILS, name, TESTS, count) => {
  const { status, lines, calls } = await ciRun({ TESTS, FAILS });
  expect([status, lines.at(-1)]).toEqual([1, count]);
  expect(lines.at(-2)).toBe(`${name} FAILED with exit code 3; the parts after it did not run`);
  expect(calls.at(-1)).toBe(`1 ${name}`);
});
