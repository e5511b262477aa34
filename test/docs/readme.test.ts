import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

const text = (...names: string[]) => readFile(path.join(projectFolder, ...names), 'utf8');

test('the definition in the README is one that compiles', async () => {
  const [, block] = /```ts\n([\s\S]*?)```/.exec(await text('README.md'))!;
  const file = await text('test', 'docs', 'churn-in-30-lines.ts');
  expect(block).toBe(file);
});

test('every npm command that the documents name is a script, and every link leads to a file', async () => {
  const { scripts } = JSON.parse(await text('package.json')) as { scripts: Record<string, string> };
  const documents = ['README.md', 'CONTRIBUTING.md', 'bench/README.md', 'pipelines/README.md', 'docs/architecture.md'];
  for (const document of documents) {
    const content = await text(document);
    for (const [, name] of content.matchAll(/npm run ([a-z]+)/g)) expect(Object.keys(scripts)).toContain(name);
    for (const [, link] of content.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      await expect(text(path.dirname(document), link!), `${document} links to ${link}`).resolves.toBeTypeOf('string');
    }
  }
});

test('every code that users may meet is in the list of codes', async () => {
  const listed = await text('docs', 'codes.md');
  const sources = ['lib', 'bin', 'scripts', 'glue-scripts/engine'];
  const used = new Set<string>();
  for (const folder of sources) {
    for (const name of await readdir(path.join(projectFolder, folder), { recursive: true })) {
      if (!/\.(ts|mjs|py)$/.test(name)) continue;
      for (const [code] of (await text(folder, name)).matchAll(/\bMR\d{3}\b/g)) used.add(code);
    }
  }
  expect([...used].filter((code) => !listed.includes(code)).sort()).toEqual([]);
});
