import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { DocumentKind } from '../../lib/lake/documents.ts';
import { appendToLog, readLog } from '../../lib/local/log-file.ts';
import { localObjects } from '../../lib/local/objects.ts';

let folder: string;
let made = 0;
const fresh = () => `${++made}`;
const place = (key: string) => path.join(folder, key);
const objects = () => localObjects(folder);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-documents-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const kind: DocumentKind<{ n: number }> = {
  code: 'MR503',
  name: 'the thing',
  hint: 'move it away',
  parse: (json) => z.object({ n: z.int() }).parse(json),
};

describe('a log', () => {
  test('that is missing has no entries', async () => {
    expect(await readLog(objects(), fresh(), kind)).toEqual({ entries: [], whole: 0 });
  });

  test('gives its complete lines, without the half line of a killed process', async () => {
    const key = fresh();
    await writeFile(place(key), '{"n":1}\n{"n":2}\n{"n":');
    expect(await readLog(objects(), key, kind)).toEqual({ entries: [{ n: 1 }, { n: 2 }], whole: 16, torn: '{"n":' });
  });

  test('loses only the half line when the next line is appended', async () => {
    for (const text of ['{"n":1}\n', '{"n":1}', '{"n":1}\n{"n', '', '{"n']) {
      const key = fresh();
      await writeFile(place(key), text);
      const { entries } = await readLog(objects(), key, kind);
      await appendToLog(objects(), key, { n: 7 }, kind);
      await appendToLog(objects(), key, { n: 8 }, kind);
      const { entries: after, torn } = await readLog(objects(), key, kind);
      expect([after, torn]).toEqual([[...entries, { n: 7 }, { n: 8 }], undefined]);
    }
  });

  test('with an invalid line in the middle is a fault that names the line, also for an append', async () => {
    const key = fresh();
    await writeFile(place(key), '{"n":1}\nrubbish\n{"n":2}\n');
    const fault = { issues: [{ code: 'MR503', path: `${place(key)}:2`, hint: 'move it away' }] };
    await expect(readLog(objects(), key, kind)).rejects.toMatchObject(fault);
    await expect(appendToLog(objects(), key, { n: 3 }, kind)).rejects.toMatchObject(fault);
    expect(await readFile(place(key), 'utf8')).toBe('{"n":1}\nrubbish\n{"n":2}\n');
  });

  test('of garbage is not cut off as half a line', async () => {
    const key = fresh();
    await writeFile(place(key), Buffer.from([0, 255, 254]));
    await expect(appendToLog(objects(), key, { n: 3 }, kind)).rejects.toMatchObject({ issues: [{ code: 'MR503' }] });
    expect((await readFile(place(key))).length).toBe(3);
  });
});
