import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MillraceError } from '../../lib/errors.ts';
import { peekRequest } from '../../lib/local/claim-request.ts';
import { Root } from '../../lib/local/root.ts';
import { compile } from '../../lib/plan/compile.ts';
import { small, smallSql } from '../plan/pipelines.ts';
import { churn } from '../stacks/synthesised.ts';

const plan = compile(small, smallSql, 'pipelines/small/pipeline.ts').plan!;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-claims-'));
  await mkdir(path.join(folder, 'root', 'data', 'small'), { recursive: true });
  await mkdir(path.join(folder, 'elsewhere'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const root = () => new Root(path.join(folder, 'root'));

describe('a claim request', () => {
  test('is for the data of the root, unless it names a folder', async () => {
    expect(await peekRequest(plan, root(), {})).toEqual({
      pipeline: 'small',
      plan: expect.any(String),
      data: path.join(folder, 'root', 'data', 'small'),
      parameters: {},
    });
    const named = await peekRequest(plan, root(), { data: path.join(folder, 'root', '..', 'elsewhere') });
    expect(named.data).toBe(path.join(folder, 'elsewhere'));
  });

  test('has the options of the run in its parameters', async () => {
    const options = { parameters: { as_of: '2026-01-01' }, force: ['train'], dropMissing: true };
    expect((await peekRequest(plan, root(), options)).parameters).toEqual({
      as_of: '2026-01-01',
      force: ['train'],
      drop_missing: 'true',
    });
    expect((await peekRequest(plan, root(), { dropMissing: false })).parameters).toEqual({});
  });

  test('is refused if the data folder does not exist: MR201, with the generator of the pipeline, if any', async () => {
    const refused = (asked: typeof plan, options = {}) =>
      peekRequest(asked, new Root(path.join(folder, 'new')), options);
    await expect(refused(plan)).rejects.toMatchObject({
      issues: [
        { code: 'MR201', path: path.join(folder, 'new', 'data', 'small'), hint: 'set the data folder with --data' },
      ],
    });
    await expect(refused(churn)).rejects.toMatchObject({
      issues: [{ code: 'MR201', hint: 'run `millrace generate churn`, or set the data folder with --data' }],
    });
    const data = path.join(folder, 'elsewher');
    await expect(refused(plan, { data })).rejects.toMatchObject({ issues: [{ code: 'MR201', path: data }] });
  });

  test('that is refused names the data folder of the last run that read files, while it exists', async () => {
    const ran = new Root(path.join(folder, 'ran'));
    const data = path.join(folder, 'seen');
    const order = async (run: string, pipeline: string, uri?: string) => {
      const file = { path: 'small/a.csv', etag: 'e', size: 1, uri: uri ?? '', replace: false };
      const item = { task: 't', mode: 'full', why: 'new', fingerprint: 'f', parts: {}, since: {} };
      const items = [{ ...item, ...(uri !== undefined && { files: [file] }) }];
      const written = {
        ...{ format: 'millrace-work', version: 1, run, pipeline, sequence: 1, startedAt: '2026-01-01T00:00:00.000Z' },
        ...{ parameters: {}, items, skipped: [] },
      };
      await mkdir(path.dirname(ran.order(pipeline, run)), { recursive: true });
      await writeFile(ran.order(pipeline, run), JSON.stringify(written));
    };
    const hint = () => peekRequest(plan, ran, {}).catch((error: MillraceError) => error.issues[0]!.hint);
    await order('r1', 'small', path.join(folder, 'earlier', 'small', 'a.csv'));
    await order('r2', 'small', path.join(data, 'small', 'a.csv'));
    await order('r3', 'small');
    await order('r4', 'other', path.join(folder, 'others', 'small', 'a.csv'));
    expect(await hint()).toBe('set the data folder with --data');
    await mkdir(data);
    expect(await hint()).toBe(`--data ${data}, as in the last run`);
  });
});
