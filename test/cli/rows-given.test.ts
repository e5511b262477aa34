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

async function given(text: string | Uint8Array) {
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

  test.each([
    ['a line that is not JSON', '{"a":1}\n{a}\n', 2],
    ['one after blank lines', '\n{"a":1}\n\n\n{a}\n', 5],
    ['one with a byte that is not UTF-8', Buffer.from('{"a":"x"}\n{"a":"\xff"}\n', 'latin1'), 2],
    ['a number that no double holds', '{"a":1}\n{"b":[{"a":-1e400}]}\n', 2],
    ['a row with a duplicate key', '{"a":1}\n{"b":1,"a":1,"a":2}\n', 2],
  ])('%s is named by its line', async (_, content, line) => {
    await expect(given(content)).rejects.toMatchObject({
      exitCode: 2,
      issues: [{ code: 'MR136', path: expect.stringMatching(new RegExp(`rows\\.json:${line}$`)) }],
    });
  });

  test.each([
    ['{"a":1,"a":1}', '"a"'],
    ['{"a":1,"\\u0061" : 2}', '"a"'],
    ['{\n "x": {"b": [{"c": 1, "": 2, "": 3}]}\n}\n', '""'],
    ['[{"a":1},{"a":{"b}":1,"b}":2}}]', '"b}"'],
    ['{"s":"\\\\","\\"":1,"\\"":2}', '"\\""'],
  ])('a duplicate key is refused and named: %s', async (text, key) => {
    const message = `the file does not contain rows: duplicate key ${key}`;
    await expect(given(text)).rejects.toMatchObject({ exitCode: 2, issues: [{ code: 'MR136', message }] });
  });

  test.each(['{"a":{"a":1},"b":{"a":[{"a":2},{"a":3}]}}', '{"a":"a","A":1,"b":"\\",\\"b\\":{","c":["a","a"]}'])(
    'a key may occur in several objects, and in text: %s',
    async (text) => {
      expect(await given(text)).toEqual([JSON.parse(text)]);
    },
  );

  test.each([
    ['a byte order mark', Buffer.from('\ufeff{"a":"ü"}\n')],
    ['UTF-16, as PowerShell writes', Buffer.from('\ufeff{"a":"ü"}\r\n', 'utf16le')],
    ['UTF-16, the high byte first', Buffer.from('\ufeff{"a":"ü"}\n', 'utf16le').swap16()],
  ])('a file with %s is read', async (_, bytes) => {
    expect(await given(bytes)).toEqual([{ a: 'ü' }]);
  });

  test.each([
    ['33 MiB', () => `[${' '.repeat(33 * 1024 * 1024)}]`],
    ['100,001 rows', () => '{}\n'.repeat(100_001)],
    ['a row of 2 MiB', () => `{"a":"${'x'.repeat(2 * 1024 * 1024)}"}`],
  ])('%s are more than is scored at once', async (_, text) => {
    await expect(given(text())).rejects.toMatchObject({ exitCode: 2, issues: [{ code: 'MR138' }] });
  });

  test('a missing file and a folder are faults with a code', async () => {
    for (const file of [path.join(folder, 'none.json'), folder])
      await expect(rowsGiven(file)).rejects.toMatchObject({ exitCode: 2, issues: [{ code: 'MR206' }] });
  });
});
