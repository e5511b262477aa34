import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { knownPipeline } from '../../lib/local/known-pipeline.ts';
import { projectFolder, Root } from '../../lib/local/root.ts';

let root: Root;
beforeAll(async () => {
  root = new Root(await mkdtemp(path.join(tmpdir(), 'millrace-known-')));
  await mkdir(root.lake('orders'), { recursive: true });
  await mkdir(root.models('returns'), { recursive: true });
  await mkdir(path.dirname(root.state('visits')), { recursive: true });
  await writeFile(root.state('visits'), '{}');
});
afterAll(() => rm(root.folder, { recursive: true, force: true }));

describe('a pipeline is known', () => {
  test('by its definition, even if it never ran', async () => {
    expect(await knownPipeline('churn', root)).toBe('churn');
  });

  test.each(['orders', 'returns', 'visits'])(
    'by its files in the root, even if its definition is gone: %s',
    async (name) => {
      expect(await knownPipeline(name, root)).toBe(name);
    },
  );

  test('by the path of its folder or of its file', async () => {
    const folder = path.join(projectFolder, 'pipelines', 'telco');
    expect(await knownPipeline(folder, root)).toBe('telco');
    expect(await knownPipeline(path.join(folder, 'pipeline.ts'), root)).toBe('telco');
  });

  test('or refused: MR101, with the nearest name of those that are defined or ran', async () => {
    await expect(knownPipeline('churm', root)).rejects.toMatchObject({
      exitCode: 2,
      issues: [{ code: 'MR101', message: 'there is no pipeline "churm"', hint: expect.stringContaining('churn') }],
    });
    await expect(knownPipeline('order', root)).rejects.toMatchObject({
      issues: [{ hint: expect.stringContaining('orders') }],
    });
    await expect(knownPipeline('./nowhere', root)).rejects.toMatchObject({ issues: [{ code: 'MR101' }] });
  });

  test('but not by a name that leads out of the root', async () => {
    await expect(knownPipeline('..', root)).rejects.toMatchObject({ issues: [{ code: 'MR101' }] });
  });
});
