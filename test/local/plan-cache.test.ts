import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cachedCompile, checkedMark } from '../../lib/local/plan-cache.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { compile } from '../../lib/plan/compile.ts';
import { small, smallSql } from '../plan/pipelines.ts';

const place = 'pipelines/small/pipeline.ts';
const folder = path.join(projectFolder, 'node_modules', '.cache', 'millrace');
const listed = () => readdir(folder).catch(() => [] as string[]);
/** Differs from the input of other tests, so that the cache starts without it. */
const input = (more = 0) => ['plan-cache.test', process.pid, Date.now(), more];
const ours: string[] = [];
afterAll(() => Promise.all(ours.map((name) => rm(path.join(folder, name), { force: true }))));

async function asked(key: unknown) {
  const before = new Set(await listed());
  let times = 0;
  const compiled = await cachedCompile(key, async () => {
    times++;
    return compile(small, smallSql, place);
  });
  const made = (await listed()).filter(
    (name) => !before.has(name) && name.startsWith('plan-') && name.endsWith('.json'),
  );
  return { compiled, times, made };
}

test('the same input is compiled once, and then gives the same answer', async () => {
  const key = input();
  const first = await asked(key);
  const second = await asked(key);
  ours.push(...first.made);
  expect([first.times, second.times]).toEqual([1, 0]);
  expect(second.compiled).toEqual(first.compiled);
  expect((await asked(input(1))).times).toBe(1);
});

test('a damaged answer is compiled again', async () => {
  const key = input(2);
  const { made } = await asked(key);
  ours.push(...made);
  for (const text of ['', '{', '{"issues": "none"}']) {
    await Promise.all(made.map((name) => writeFile(path.join(folder, name), text)));
    expect((await asked(key)).times).toBe(1);
  }
});

test('the issues of a definition are cached too', async () => {
  const key = input(3);
  const wrong = { issues: [{ code: 'MR100', path: place, message: 'wrong' }] };
  expect(await cachedCompile(key, async () => wrong)).toEqual(wrong);
  const again = await cachedCompile(key, () => Promise.reject(new Error('compiled again')));
  expect(again).toEqual(wrong);
});

test('each plan has a different mark for checked SQL', () => {
  const plan = compile(small, smallSql, place).plan!;
  expect(checkedMark(plan)).toMatch(/^cache\/checked-[0-9a-f]{16}$/);
  expect(checkedMark(structuredClone(plan))).toBe(checkedMark(plan));
  expect(checkedMark({ ...plan, pipeline: 'other' })).not.toBe(checkedMark(plan));
});
