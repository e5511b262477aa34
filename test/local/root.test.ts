import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultRoot } from '../../lib/local/root.ts';

let scratch: string;
beforeEach(async () => {
  scratch = await realpath(await mkdtemp(path.join(tmpdir(), 'millrace-test-')));
  await mkdir(path.join(scratch, 'project', 'pipelines', 'churn', 'silver'), { recursive: true });
});
afterEach(() => rm(scratch, { recursive: true, force: true }));
const at = (...names: string[]) => path.join(scratch, ...names);

test.each([
  ['Millrace itself', { name: 'millrace' }],
  ['a project that uses it', { name: 'ours', dependencies: { millrace: '^1.0.0' } }],
])('the root is the same from each folder of %s', async (_, text) => {
  await writeFile(at('project', 'package.json'), JSON.stringify(text));
  expect(defaultRoot(at('project'))).toBe('.millrace');
  for (const folder of [at('project', 'pipelines'), at('project', 'pipelines', 'churn', 'silver')]) {
    expect(defaultRoot(folder)).toBe(at('project', '.millrace'));
  }
});

test('the nearest folder with a root wins over those above it', async () => {
  await writeFile(at('project', 'package.json'), '{"name":"millrace"}');
  await mkdir(at('project', 'pipelines', '.millrace'));
  expect(defaultRoot(at('project', 'pipelines', 'churn'))).toBe(at('project', 'pipelines', '.millrace'));
  await mkdir(at('.millrace'));
  expect(defaultRoot(at('project'))).toBe('.millrace');
});

test.each(['{"name":"other"}', 'no json', 'null'])(
  'pipelines next to a package.json of %s are not a project',
  async (text) => {
    await writeFile(at('project', 'package.json'), text);
    expect(defaultRoot(at('project', 'pipelines'))).toBe('.millrace');
  },
);
