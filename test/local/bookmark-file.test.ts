import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { emptyState } from '../../lib/documents/bookmark-state.ts';
import { bookmarkFiles } from '../../lib/local/bookmark-ports.ts';
import { fileBookmarks } from '../../lib/local/bookmark-store.ts';
import { exclusively, isLocked, tryToLock } from '../../lib/local/file-lock.ts';
import { loadPlan } from '../../lib/local/load.ts';
import { projectFolder, Root } from '../../lib/local/root.ts';
import { bookmarkStoreSuite } from '../bookmarks/bookmark-stores.ts';

const folders: string[] = [];
const fresh = async () => {
  folders.push(await mkdtemp(path.join(tmpdir(), 'millrace-bookmarks-')));
  return new Root(folders.at(-1)!);
};
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** Each process needs a second to start, so that all of them save at once for most of the time. */
const saves = Number(process.env['MILLRACE_SAVES'] ?? 300);

bookmarkStoreSuite('a file', async () => {
  const root = await fresh();
  return () => fileBookmarks(root);
});

describe('the lock of the state', () => {
  test(`loses no save of eight processes with ${saves} saves each`, async () => {
    const root = await fresh();
    const script = path.join(root.folder, 'save.mjs');
    const saver = `
      import { loader } from ${JSON.stringify(path.join(projectFolder, 'bin', 'loader.mjs'))};
      const jiti = await loader();
      const { fileBookmarks } = await jiti.import(${JSON.stringify(path.join(projectFolder, 'lib/local/bookmark-store.ts'))});
      const { Root } = await jiti.import(${JSON.stringify(path.join(projectFolder, 'lib/local/root.ts'))});
      const store = fileBookmarks(new Root(${JSON.stringify(root.folder)}));
      for (let saved = 0; saved < ${saves}; ) {
        try {
          const state = await store.load('p');
          await store.save({ ...state, sequence: state.sequence + 1 });
          saved++;
        } catch (error) {
          if (error.name !== 'BookmarkConflict') throw error;
        }
      }`;
    await writeFile(script, saver);
    const ended = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const child = spawn(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit'] });
        const [status] = (await once(child, 'close')) as [number];
        return status;
      }),
    );
    expect(ended).toEqual(Array(8).fill(0));
    expect(await fileBookmarks(root).load('p')).toMatchObject({ sequence: 8 * saves, revision: 8 * saves });
  });

  test.each([
    ['the number of a process that has ended', () => String(spawnSync(process.execPath, ['-e', '']).pid)],
    ['the number of a process that lives', () => String(process.pid)],
    ['nothing', () => ''],
    ['rubbish', () => '\0\u{1f600}'],
  ])('is free whatever its file holds, such as %s, as long as nobody has it', async (_, text) => {
    const root = await fresh();
    await mkdir(path.dirname(root.lock('p')), { recursive: true });
    await writeFile(root.lock('p'), text());
    expect(await fileBookmarks(root).save(emptyState('p'))).toMatchObject({ revision: 1 });
  });

  test('is held by its process even if its file is empty, and released when that process is killed', async () => {
    const root = await fresh();
    const lock = root.lock('p');
    await mkdir(path.dirname(lock), { recursive: true });
    const holder = spawn(
      process.execPath,
      [
        '-e',
        `const fs = require('fs'); const { tryLock } = require('fs-native-extensions');
         console.log(tryLock(fs.openSync(${JSON.stringify(lock)}, 'a+'))); setInterval(() => {}, 1000);`,
      ],
      { cwd: projectFolder },
    );
    const [said] = (await once(holder.stdout, 'data')) as [Buffer];
    expect(said.toString()).toBe('true\n');
    expect(await isLocked(lock)).toBe(true);
    expect(await tryToLock(lock)).toBeUndefined();
    await expect(exclusively(lock, async () => 'done', 0.1)).rejects.toMatchObject({
      issues: [{ code: 'MR504', path: lock }],
    });
    holder.kill('SIGKILL');
    await once(holder, 'close');
    expect(await isLocked(lock)).toBe(false);
    expect(await exclusively(lock, async () => 'done')).toBe('done');
  });

  test('two processes that check whether it is held do not block each other', async () => {
    const root = await fresh();
    const file = path.join(root.folder, 'held');
    await writeFile(file, '');
    const asked = await Promise.all(Array.from({ length: 20 }, () => isLocked(file)));
    expect(asked).toEqual(Array(20).fill(false));
  });
});

describe('the holder of a claim', () => {
  const claimed = (holder: string) => ({ run: 'r-1', token: 1, holder, at: new Date().toISOString() });

  test('is not another process with the same process id', async () => {
    const root = await fresh();
    const ports = bookmarkFiles(root, await loadPlan('churn'));
    await mkdir(root.run('churn', 'r-1'), { recursive: true });
    for (const holder of [`process ${process.pid}`, `process ${process.ppid} on ${hostname()}`, 'process 1'])
      expect(await ports.alive(claimed(holder))).toBe(false);
  });

  test('is the process that holds the lock of its run, whatever host it names', async () => {
    const root = await fresh();
    const ports = bookmarkFiles(root, await loadPlan('churn'));
    await mkdir(root.run('churn', 'r-1'), { recursive: true });
    const lock = await tryToLock(root.held('churn', 'r-1'));
    expect(await ports.alive(claimed('process 1 on another-host'))).toBe(true);
    await lock!.release();
    expect(await ports.alive(claimed('process 1 on another-host'))).toBe(false);
  });
});
