import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { appendToLog, type Kind, readCache, readDocument, readLog, writeWhole } from '../../lib/local/documents.ts';

let folder: string;
let made = 0;
const fresh = () => path.join(folder, `${++made}`);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-documents-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const kind: Kind<{ n: number }> = {
  code: 'MR503',
  name: 'the thing',
  hint: 'move it away',
  parse: (json) => z.object({ n: z.int() }).parse(json),
};

/** What may lie where a document should: file -> how it got there. */
const damages: Record<string, (file: string) => Promise<unknown>> = {
  'nothing in it': (file) => writeFile(file, ''),
  'half of it': (file) => writeFile(file, '{"n": '),
  'binary rubbish': (file) => writeFile(file, Buffer.from([0, 255, 254, 10, 128, 7])),
  'another document': (file) => writeFile(file, '{"m": 1}'),
  null: (file) => writeFile(file, 'null'),
  'a list': (file) => writeFile(file, '[1, 2]'),
  'a folder': (file) => mkdir(file),
  'a pipe that nobody writes to': async (file) => spawnSync('mkfifo', [file]),
};

describe.each(Object.keys(damages))('a file with %s', (damage) => {
  test('is a fault with code, place and what to do', async () => {
    const file = fresh();
    await damages[damage]!(file);
    await expect(readDocument(file, kind)).rejects.toMatchObject({
      issues: [
        {
          code: 'MR503',
          path: file,
          message: expect.stringContaining('the thing cannot be read'),
          hint: 'move it away',
        },
      ],
    });
  });

  test('is no cache, and is nothing to speak of', async () => {
    const file = fresh();
    await damages[damage]!(file);
    expect(await readCache(file, kind.parse)).toBeUndefined();
  });
});

test('a file that is not there is no document and no fault', async () => {
  expect([await readDocument(fresh(), kind), await readCache(fresh(), kind.parse)]).toEqual([undefined, undefined]);
  expect(await readLog(fresh(), kind)).toEqual({ entries: [], whole: 0 });
});

describe('a log', () => {
  test('gives its whole lines, and not the half that a killed process left', async () => {
    const file = fresh();
    await writeFile(file, '{"n":1}\n{"n":2}\n{"n":');
    expect(await readLog(file, kind)).toEqual({ entries: [{ n: 1 }, { n: 2 }], whole: 16, torn: '{"n":' });
  });

  test('loses the half line when the next is appended, and nothing else', async () => {
    for (const text of ['{"n":1}\n', '{"n":1}', '{"n":1}\n{"n', '', '{"n']) {
      const file = fresh();
      await writeFile(file, text);
      const { entries } = await readLog(file, kind);
      await appendToLog(file, { n: 7 }, kind);
      await appendToLog(file, { n: 8 }, kind);
      const { entries: after, torn } = await readLog(file, kind);
      expect([after, torn]).toEqual([[...entries, { n: 7 }, { n: 8 }], undefined]);
    }
  });

  test('with a line in its midst that is none is a fault that names the line, also when it is appended to', async () => {
    const file = fresh();
    await writeFile(file, '{"n":1}\nrubbish\n{"n":2}\n');
    const fault = { issues: [{ code: 'MR503', path: `${file}:2`, hint: 'move it away' }] };
    await expect(readLog(file, kind)).rejects.toMatchObject(fault);
    await expect(appendToLog(file, { n: 3 }, kind)).rejects.toMatchObject(fault);
    expect(await readFile(file, 'utf8')).toBe('{"n":1}\nrubbish\n{"n":2}\n');
  });

  test('that is rubbish is not taken for half a line and cut off', async () => {
    const file = fresh();
    await writeFile(file, Buffer.from([0, 255, 254]));
    await expect(appendToLog(file, { n: 3 }, kind)).rejects.toMatchObject({ issues: [{ code: 'MR503' }] });
    expect((await readFile(file)).length).toBe(3);
  });
});

test('a file is there whole or as it was, and leaves nothing beside it', async () => {
  const file = fresh();
  await mkdir(file);
  await appendFile(path.join(file, 'in it'), '');
  await expect(writeWhole(file, 'text')).rejects.toMatchObject({ code: expect.stringMatching(/^E/) });
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('many writers of one file at a time each succeed', async () => {
  const file = fresh();
  await Promise.all(Array.from({ length: 50 }, (_, i) => writeWhole(file, `text ${i}`)));
  expect(await readFile(file, 'utf8')).toMatch(/^text \d+$/);
});
