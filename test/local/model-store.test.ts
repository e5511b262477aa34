import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelFiles } from '../../lib/local/model-store.ts';
import { Root } from '../../lib/local/root.ts';
import { sampleDossier } from '../report/sample.ts';

let root: Root;
beforeAll(async () => {
  root = new Root(await mkdtemp(path.join(tmpdir(), 'millrace-models-')));
  for (const folder of ['v2', 'v10', 'v1', 'reviews', 'v3.tmp'])
    await mkdir(path.join(root.model('churn', 'churn'), folder), { recursive: true });
  await mkdir(root.model('churn', 'value'));
  await mkdir(path.join(root.models('churn'), '.hidden'));
  await writeFile(path.join(root.model('churn', 'churn'), 'v2', 'dossier.json'), JSON.stringify(sampleDossier));
});
afterAll(() => rm(root.folder, { recursive: true, force: true }));
const store = () => modelFiles(root, 'churn');

describe('the models on files', () => {
  test('are the folders of the pipeline, with versions in numeric order', async () => {
    expect(await store().names()).toEqual(['churn', 'value']);
    expect(await store().versions('churn')).toEqual([1, 2, 10]);
    expect(await store().versions('value')).toEqual([]);
  });

  test('are none if the pipeline never trained', async () => {
    const none = modelFiles(root, 'other');
    expect([await none.names(), await none.versions('m'), await none.history('m')]).toEqual([[], [], []]);
  });

  test('have the dossier of a version, or report that it is missing', async () => {
    expect(await store().dossier('churn', 2)).toEqual(sampleDossier);
    await expect(store().dossier('churn', 1)).rejects.toMatchObject({ issues: [{ code: 'MR404' }] });
  });

  test('record promotions in order, including one to an earlier version', async () => {
    const entry = (version: number) => ({
      version,
      run: `r-${version}`,
      at: '2026-01-01T00:00:00Z',
      metric: 'auc',
      value: 0.8,
    });
    await store().append('churn', entry(1));
    await store().append('churn', entry(2));
    await store().append('churn', { ...entry(1), by: 'ada' });
    expect(await store().history('churn')).toEqual([entry(1), entry(2), { ...entry(1), by: 'ada' }]);
  });

  test('are used by the next run for scoring', async () => {
    expect(await store().rescore()).toContain('millrace run churn');
  });
});
