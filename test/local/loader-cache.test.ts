import { spawnSync } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

/** Another user of the machine fills the folder for temporary files with compiled code that the loader would accept. */

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

const cache = path.join(projectFolder, 'node_modules', '.cache', 'jiti');
const at = (...names: string[]) => path.join(scratch, ...names);
const node = (...args: string[]) =>
  spawnSync(process.execPath, args, {
    cwd: projectFolder,
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: at('tmp') },
  });
const wasLoaded = () =>
  access(at('loaded')).then(
    () => true,
    () => false,
  );

async function plant(): Promise<string[]> {
  const names = (await readdir(cache)).filter((name) => name.startsWith('bin-millrace.'));
  await mkdir(at('tmp', 'jiti'), { recursive: true });
  for (const name of names) {
    // The loader accepts a file by the checksum of its source, in the last line.
    const text = await readFile(path.join(cache, name), 'utf8');
    const foreign = `require('node:fs').writeFileSync(${JSON.stringify(at('loaded'))}, '');`;
    await writeFile(at('tmp', 'jiti', name), text.replace('"use strict";', `"use strict";${foreign}`));
  }
  return names.sort();
}

test('a command loads no code from the shared folder for temporary files, and writes none there', async () => {
  // The CLI is a bundle; scripts load files one by one.
  const load = `import { loader } from ${JSON.stringify(path.join(projectFolder, 'bin', 'loader.mjs'))};
    await (await loader()).import('./millrace.ts');`;
  const commands = [
    [path.join('bin', 'millrace.mjs'), 'status', 'churn', '--root', at('root')],
    ['--input-type=module', '--eval', load],
  ];
  // Fills the cache of the project.
  for (const command of commands) node(...command);
  const planted = await plant();
  expect(planted).not.toEqual([]);
  for (const command of commands) expect(node(...command)).toMatchObject({ status: 0, stderr: '' });
  expect(await wasLoaded()).toBe(false);
  expect(await readdir(at('tmp'))).toEqual(['jiti']);
  expect((await readdir(at('tmp', 'jiti'))).sort()).toEqual(planted);

  // The trap works: a loader with the default cache runs the foreign code.
  const script = `import { createJiti } from 'jiti';
    await createJiti(${JSON.stringify(path.join(projectFolder, 'bin', 'loader.mjs'))}).import('./millrace.ts');`;
  node('--input-type=module', '--eval', script);
  expect(await wasLoaded()).toBe(true);
});
