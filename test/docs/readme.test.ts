import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

const text = (...names: string[]) => readFile(path.join(projectFolder, ...names), 'utf8');

test('the definition in the README compiles', async () => {
  const [, block] = /```ts\n([\s\S]*?)```/.exec(await text('README.md'))!;
  const file = await text('test', 'docs', 'churn-in-short.ts');
  expect(block).toBe(file);
});
