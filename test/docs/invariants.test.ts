import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

const page = await readFile(path.join(projectFolder, 'docs', 'invariants.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => /^\| /.test(line) && !/^\| (invariant|\*\*)/.test(line))
  .map((line) => line.split('|').slice(1, -1));

test('each invariant names a test that checks it, and each named test exists', async () => {
  expect(rows.length).toBeGreaterThan(10);
  for (const [invariant = '', tests = ''] of rows) {
    const files = [...tests.matchAll(/`([\w./-]+\/[\w.-]+\.(?:ts|py)|vitest\.config\.ts)/g)].map(([, file]) => file!);
    expect(files.length, invariant).toBeGreaterThan(0);
    for (const file of files) await expect(access(path.join(projectFolder, file)), file).resolves.toBeUndefined();
  }
});
