import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UnreadableObject } from '../../lib/lake/objects.ts';
import { localObjects } from '../../lib/local/objects.ts';
import { objectsSuite } from '../lake/objects-suite.ts';

let scratch: string;
let folders = 0;
const fresh = async () => {
  const folder = path.join(scratch, `${++folders}`);
  await mkdir(folder);
  return folder;
};
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'millrace-objects-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

objectsSuite('a folder', async () => localObjects(await fresh()));

test.each([
  ['a folder', (file: string) => mkdir(file)],
  ['a pipe that nobody writes to', async (file: string) => spawnSync('mkfifo', [file])],
  ['a link to itself', (file: string) => symlink(file, file)],
])('%s in the place of a file is an unreadable object, and does not block', async (_, make) => {
  const folder = await fresh();
  await make(path.join(folder, 'x'));
  const reading = localObjects(folder).read('x');
  await expect(reading).rejects.toBeInstanceOf(UnreadableObject);
  await expect(reading).rejects.toMatchObject({ issues: [{ code: 'MR525', path: path.join(folder, 'x') }] });
});

test('a write that fails reports the system error and leaves no temporary file', async () => {
  const folder = await fresh();
  await mkdir(path.join(folder, 'x'));
  await appendFile(path.join(folder, 'x', 'in it'), '');
  await expect(localObjects(folder).write('x', 'text')).rejects.toMatchObject({ issues: [{ code: 'MR525' }] });
  expect(await readdir(folder)).toEqual(['x']);
});

test('a list follows links to folders and leaves out what is being written', async () => {
  const folder = await fresh();
  await mkdir(path.join(folder, 'there'));
  await symlink('there', path.join(folder, 'link'));
  await symlink('nowhere', path.join(folder, 'broken'));
  await writeFile(path.join(folder, 'run.json.4711-3.tmp'), 'half');
  expect(await localObjects(folder).list('')).toEqual(['broken', 'link/', 'there/']);
});

test.each(['../x', 'a/../../x', 'a/./b', 'a\\b', 'a\0b'])('the key %j leads nowhere: MR101', async (key) => {
  expect(() => localObjects('/lake').location(key)).toThrow('would lead out of the lake');
});
