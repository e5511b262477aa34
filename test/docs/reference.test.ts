import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

const page = await readFile(path.join(projectFolder, 'docs', 'reference.md'), 'utf8');
const rows = [...page.matchAll(/^\| `.*\|$/gm)].map(([line]) =>
  line
    .slice(2, -2)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim()),
);

test('the reference of the definition follows the types', () => {
  const args = [path.join(projectFolder, 'scripts', 'start.mjs'), 'scripts/reference.ts', '--check'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});

test('every option has a type, a default and a description', () => {
  expect(rows.length).toBeGreaterThan(30);
  for (const [option = '', type, fallback, what] of rows) {
    expect(type, option).not.toBe('');
    expect(fallback, option).not.toBe('');
    // The fields of an object are described at the object.
    if (!option.includes('.')) expect(what, option).not.toBe('');
  }
});

test('every option has an example', () => {
  const shown = rows.filter((row) => row.at(4) !== '');
  expect(shown.length / rows.length).toBe(1);
});
