import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nextRun } from '../../lib/local/next-run.ts';
import { Root } from '../../lib/local/root.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the first run of a pipeline is named by its time', async () => {
  expect(await nextRun(new Root(folder), 'churn', new Date('2026-11-29T02:03:04Z'))).toMatch(
    /^r-20261129t020304-[0-9a-f]{4}$/,
  );
});

test('a run after the clock was set back, and one in the same second, sort after all runs before them', async () => {
  const root = new Root(folder);
  const names: string[] = [];
  for (const at of ['2026-11-29T10:00:00Z', '2026-11-29T09:00:00Z', '2026-11-29T10:00:00Z', '2026-11-30T00:00:00Z']) {
    const name = await nextRun(root, 'churn', new Date(at));
    await mkdir(root.run('churn', name), { recursive: true });
    names.push(name);
  }
  expect([...names].sort()).toEqual(names);
  expect(names.at(-1)).toMatch(/^r-20261130t000000-/);
});

test('a folder that is not a run, or has a time that does not exist, does not count', async () => {
  const root = new Root(folder);
  for (const name of ['r-notes', 'zz', 'r-99999999t999999-ffff'])
    await mkdir(root.run('churn', name), { recursive: true });
  expect(await nextRun(root, 'churn', new Date('2026-11-29T02:03:04Z'))).toMatch(/^r-20261129t020304-/);
});
