import { mkdtemp, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFolder } from '../../lib/local/folders.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'millrace-folders-'));
});
afterAll(() => rm(root, { recursive: true }));

test('many concurrent creations of one folder all succeed', async () => {
  for (let round = 0; round < 40; round++) {
    const folder = path.join(root, `${round}`, 'a', 'b');
    // Staggered, so that some check while another creates it.
    const makers = Array.from({ length: 64 }, async (_, i) => {
      for (let turn = 0; turn < i % 16; turn++) await setImmediate();
      await makeFolder(folder);
    });
    await expect(Promise.all(makers)).resolves.toHaveLength(64);
  }
});

test('a dangling link is not a place for a folder', async () => {
  await symlink(path.join(root, 'nowhere'), path.join(root, 'link'));
  await expect(makeFolder(path.join(root, 'link', 'a'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});
