import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowsGiven } from '../../lib/cli/rows-given.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-rows-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function given(text: string) {
  const file = path.join(folder, 'rows.json');
  await writeFile(file, text);
  return rowsGiven(file);
}

describe('rows to score', () => {
  test.each([
    ['JSON lines', '{"a":1}\n\n{"a":2}\r\n', [{ a: 1 }, { a: 2 }]],
    ['an array', ' [{"a":1}, {"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['one object over several lines', '{\n "a": 1\n}\n', [{ a: 1 }]],
    ['nothing', '', []],
  ])('are read from %s', async (_, text, rows) => {
    expect(await given(text)).toEqual(rows);
  });

  test.each(['3', '[1]', '[[]]', 'null', '{"a":NaN}', '{"a":1', '{"a":1}\nx'])('%s holds no rows', async (text) => {
    await expect(given(text)).rejects.toMatchObject({ exitCode: 2, issues: [{ code: 'MR136' }] });
  });

  test('a line that is no JSON is named', async () => {
    await expect(given('{"a":1}\n{a}\n')).rejects.toMatchObject({
      issues: [{ path: expect.stringMatching(/rows\.json:2$/) }],
    });
  });

  test.each([
    ['33 MiB', () => `[${' '.repeat(33 * 1024 * 1024)}]`],
    ['100,001 rows', () => '{}\n'.repeat(100_001)],
    ['a row of 2 MiB', () => `{"a":"${'x'.repeat(2 * 1024 * 1024)}"}`],
  ])('%s are more than is scored at once', async (_, text) => {
    await expect(given(text())).rejects.toMatchObject({ exitCode: 2, issues: [{ code: 'MR138' }] });
  });

  test('a file that is not there, and a folder, are faults with a code', async () => {
    for (const file of [path.join(folder, 'none.json'), folder])
      await expect(rowsGiven(file)).rejects.toMatchObject({ exitCode: 2, issues: [{ code: 'MR206' }] });
  });
});
