import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Root } from '../../lib/local/root.ts';
import { fileLedger } from '../../lib/local/state-file.ts';
import { emptyState } from '../../lib/plan/state.ts';
import { ledgerStoreSuite } from '../lambdas/ledger-stores.ts';

const folders: string[] = [];
const fresh = async () => {
  folders.push(await mkdtemp(path.join(tmpdir(), 'millrace-ledger-')));
  return new Root(folders.at(-1)!);
};
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

ledgerStoreSuite('a file', async () => {
  const root = await fresh();
  return () => fileLedger(root);
});

test('a lock that a killed process left behind is taken over', async () => {
  const root = await fresh();
  const ended = spawnSync(process.execPath, ['-e', '']).pid;
  await mkdir(path.dirname(root.lock('p')), { recursive: true });
  await writeFile(root.lock('p'), String(ended));
  expect(await fileLedger(root).save(emptyState('p'))).toMatchObject({ revision: 1 });
});
