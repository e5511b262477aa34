import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Root } from '../../lib/local/root.ts';
import { engineLines, queryPlans, runsWithWork } from '../../lib/local/run-logs.ts';

let root: Root;
const write = async (text: string, ...names: string[]) => {
  const file = path.join(root.runs('churn'), ...names);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
};
beforeAll(async () => {
  root = new Root(await mkdtemp(path.join(tmpdir(), 'millrace-logs-')));
});
afterAll(() => rm(root.folder, { recursive: true, force: true }));

describe('runs with work', () => {
  test('are none before the first run', async () => {
    expect(await runsWithWork(new Root(path.join(root.folder, 'never')), 'churn')).toEqual([]);
  });

  test('are those of the pipeline, newest first; runs without a readable work order are left out', async () => {
    await write('{"pipeline":"churn"}', 'r-20260101', 'work.json');
    await write('{"pipeline":"churn"}', 'r-20260103', 'work.json');
    await write('{"pipeline":"other"}', '..', 'other', 'r-20260102', 'work.json');
    await write('{"pipel', 'r-20260104', 'work.json');
    await write('null', 'r-20260105', 'work.json');
    await write('', 'r-20260106', 'plan.json');
    expect(await runsWithWork(root, 'churn')).toEqual(['r-20260103', 'r-20260101']);
  });
});

describe('lines of a run', () => {
  test('are merged from the logs of all stages in order of time', async () => {
    await write('{"event":"a","at":"2026-01-01T10:00:02Z"}\n', 'r', 'logs', 'build.log');
    await write('{"event":"b","at":"2026-01-01T10:00:01Z"}\n', 'r', 'logs', 'predict.log');
    await write('{"event":"c","at":"2026-01-01T10:00:00Z"}\n', 'r', 'logs', 'notes.txt');
    expect((await engineLines(root, 'churn', 'r')).map(({ text }) => JSON.parse(text).event)).toEqual(['b', 'a']);
  });

  test('without a time get that of the previous line, and the first ones that of the first line with a time', async () => {
    const lines = ['a warning', '{"at":"2026-01-01T10:00:01Z"}', 'Traceback', '{"at":', '[1]', '{"at":7}'];
    await write(`${lines.join('\n')}\n`, 's', 'logs', 'build.log');
    const read = await engineLines(root, 'churn', 's');
    expect(read.map(({ text }) => text)).toEqual(lines);
    expect(new Set(read.map(({ at }) => at))).toEqual(new Set(['2026-01-01T10:00:01Z']));
  });

  test('are none for a run without logs', async () => {
    expect(await engineLines(root, 'churn', 'nobody')).toEqual([]);
  });
});

test('query plans are found by their task', async () => {
  await write('== Physical Plan ==', 'p', 'tasks', 'people_clean.plan.txt');
  await write('{}', 'p', 'tasks', 'people_clean.json');
  expect([...(await queryPlans(root, 'churn', 'p'))]).toEqual([['people_clean', '== Physical Plan ==']]);
  expect(await queryPlans(root, 'churn', 'nobody')).toEqual(new Map());
});
