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

/** Damaged documents: name -> how to make one. */
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
  test('is a fault with code, place and hint', async () => {
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

  test('is ignored as a cache, without a message', async () => {
    const file = fresh();
    await damages[damage]!(file);
    expect(await readCache(file, kind.parse)).toBeUndefined();
  });
});

test('a missing file is neither a document nor a fault', async () => {
  expect([await readDocument(fresh(), kind), await readCache(fresh(), kind.parse)]).toEqual([undefined, undefined]);
  expect(await readLog(fresh(), kind)).toEqual({ entries: [], whole: 0 });
});

describe('a log', () => {
  test('gives its complete lines, without the half line of a killed process', async () => {
    const file = fresh();
    await writeFile(file, '{"n":1}\n{"n":2}\n{"n":');
    expect(await readLog(file, kind)).toEqual({ entries: [{ n: 1 }, { n: 2 }], whole: 16, torn: '{"n":' });
  });

  test('loses only the half line when the next line is appended', async () => {
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

  test('with an invalid line in the middle is a fault that names the line, also for an append', async () => {
    const file = fresh();
    await writeFile(file, '{"n":1}\nrubbish\n{"n":2}\n');
    const fault = { issues: [{ code: 'MR503', path: `${file}:2`, hint: 'move it away' }] };
    await expect(readLog(file, kind)).rejects.toMatchObject(fault);
    await expect(appendToLog(file, { n: 3 }, kind)).rejects.toMatchObject(fault);
    expect(await readFile(file, 'utf8')).toBe('{"n":1}\nrubbish\n{"n":2}\n');
  });

  test('of garbage is not cut off as half a line', async () => {
    const file = fresh();
    await writeFile(file, Buffer.from([0, 255, 254]));
    await expect(appendToLog(file, { n: 3 }, kind)).rejects.toMatchObject({ issues: [{ code: 'MR503' }] });
    expect((await readFile(file)).length).toBe(3);
  });
});

test('a file is written completely or not at all, and no temporary file is left', async () => {
  const file = fresh();
  await mkdir(file);
  await appendFile(path.join(file, 'in it'), '');
  await expect(writeWhole(file, 'text')).rejects.toMatchObject({ code: expect.stringMatching(/^E/) });
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('many concurrent writers of one file all succeed', async () => {
  const file = fresh();
  await Promise.all(Array.from({ length: 50 }, (_, i) => writeWhole(file, `text ${i}`)));
  expect(await readFile(file, 'utf8')).toMatch(/^text \d+$/);
});
