import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { modelSchema } from '../../lib/documents/model.ts';
import { appendPromotion } from '../../lib/local/gate-ports.ts';
import { liveModel } from '../../lib/local/model-files.ts';
import { projectFolder, Root } from '../../lib/local/root.ts';
import { writeVersion } from './version-folder.ts';

const golden = await readFile(path.join(projectFolder, 'contracts', 'golden', 'model.json'), 'utf8');

let root: Root;
beforeEach(async () => {
  root = new Root(await mkdtemp(path.join(tmpdir(), 'millrace-models-')));
});
afterEach(() => rm(root.folder, { recursive: true, force: true }));

const fileOf = (version: number, name: string) => path.join(root.model('churn', 'churn'), `v${version}`, name);

const write = (version: number, text = golden) =>
  writeVersion(path.dirname(fileOf(version, 'x')), { 'model.json': text });
const promote = (version: number) => {
  const entry = { version, run: `r-${version}`, at: '2026-01-01T00:00:00Z', metric: 'auc', value: 0.8 };
  return appendPromotion(root, 'churn', 'churn', entry);
};
const live = () => liveModel(root, 'churn', 'churn');

test('the live model is the last line of the promotion log', async () => {
  await write(1, golden.replace(/"model_version": ?\d+/, '"model_version": 1'));
  await write(2, golden.replace(/"model_version": ?\d+/, '"model_version": 2'));
  await promote(2);
  await promote(1);
  expect(await live()).toEqual(modelSchema.parse({ ...JSON.parse(golden), model_version: 1 }));
});

test('without a promoted version there is none: MR406', async () => {
  await write(1);
  await expect(live()).rejects.toMatchObject({ issues: [{ code: 'MR406', hint: 'run `millrace run churn`' }] });
});

test.each([
  ['a byte of the model differs', () => writeFile(fileOf(1, 'model.json'), golden.replace('0.', '1.')), 'model.json'],
  ['the model is gone', () => rm(fileOf(1, 'model.json')), 'model.json'],
  ['the manifest is gone', () => rm(fileOf(1, 'manifest.json')), 'manifest.json'],
  ['the manifest is damaged', () => writeFile(fileOf(1, 'manifest.json'), '{'), 'manifest.json'],
])('nothing is scored where %s: MR404', async (_, damage, file) => {
  await write(1);
  await promote(1);
  await expect(live()).resolves.toBeDefined();
  await damage();
  await expect(live()).rejects.toMatchObject({ issues: [{ code: 'MR404', path: fileOf(1, file) }] });
});
