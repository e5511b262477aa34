import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

const text = (...names: string[]) => readFile(path.join(projectFolder, ...names), 'utf8');

/** The source files that raise faults. Tests and documents only mention codes. */
const sources = ['lib', 'lambdas', 'bin', 'scripts', 'pipelines', 'twin', 'cluster', 'glue-scripts'];
const isSource = (name: string) => /\.(ts|mjs|py)$/.test(name) && !/(^|\/)(tests|recording)\//.test(name);

/** Code -> a file that names it outside comments. */
async function used(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of sources) {
    for (const name of await readdir(path.join(projectFolder, folder), { recursive: true })) {
      if (!isSource(name)) continue;
      const code = (await text(folder, name)).replace(/\/\*[\s\S]*?\*\/|^\s*(\/\/|#).*$|"""[\s\S]*?"""/gm, '');
      for (const [found_] of code.matchAll(/\bMR\d{3}\b/g)) found.set(found_, `${folder}/${name}`);
    }
  }
  return found;
}

const rows = [...(await text('docs', 'codes.md')).matchAll(/^\| (MR\d{3}[^|]*) \| (.*) \|$/gm)].map(
  ([, codes, what]) => ({
    codes: codes!.match(/MR\d{3}/g)!,
    what: what!,
  }),
);
const listed = rows.flatMap(({ codes }) => codes);

test('every code that users may meet is in the list of codes, once', async () => {
  const unlisted = [...(await used())].filter(([code]) => !listed.includes(code));
  expect(unlisted).toEqual([]);
  expect(listed.filter((code, i) => listed.indexOf(code) !== i)).toEqual([]);
});

test('every listed code is raised somewhere', async () => {
  const made = await used();
  expect(listed.filter((code) => !made.has(code))).toEqual([]);
});

test('every code in docs/bad-input.md is listed, and every test that it names exists', async () => {
  const page = await text('docs', 'bad-input.md');
  for (const [code] of page.matchAll(/\bMR\d{3}\b/g)) expect(listed).toContain(code);
  const named = [...page.matchAll(/`([\w/.-]+\.test\.ts)`/g)].map(([, file]) => file!);
  expect(named.length).toBeGreaterThan(30);
  for (const file of named) await expect(text(file), file).resolves.toContain('test');
});
