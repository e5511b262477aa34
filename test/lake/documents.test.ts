import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type DocumentKind, existingDocument, readCache, readDocument } from '../../lib/lake/documents.ts';
import { UnreadableObject } from '../../lib/lake/objects.ts';
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
    const key = fresh();
    await damages[damage]!(place(key));
    await expect(readDocument(objects(), key, kind)).rejects.toMatchObject({
      issues: [
        {
          code: 'MR503',
          path: place(key),
          message: expect.stringContaining('the thing cannot be read'),
          hint: 'move it away',
        },
      ],
    });
  });

  test('is ignored as a cache, without a message', async () => {
    const key = fresh();
    await damages[damage]!(place(key));
    expect(await readCache(objects(), key, kind.parse)).toBeUndefined();
  });
});

test('a missing file is neither a document nor a fault, unless it must exist', async () => {
  const key = fresh();
  expect(await readDocument(objects(), key, kind)).toBeUndefined();
  expect(await readCache(objects(), key, kind.parse)).toBeUndefined();
  await expect(existingDocument(objects(), key, kind)).rejects.toMatchObject({
    issues: [{ code: 'MR503', path: place(key), message: 'the thing is missing', hint: 'move it away' }],
  });
});

test('a document that S3 does not show is a fault of its kind; any other error stays as it is', async () => {
  const denied = new UnreadableObject([{ code: 'MR691', path: 's3://lake/x', message: 'access is denied' }]);
  const store = { ...objects(), location: () => 's3://lake/x', read: () => Promise.reject(denied) };
  await expect(readDocument(store, 'x', kind)).rejects.toMatchObject({
    issues: [{ code: 'MR503', path: 's3://lake/x', message: 'the thing cannot be read: access is denied' }],
  });
  const slow = { ...store, read: () => Promise.reject(new Error('SlowDown')) };
  await expect(readDocument(slow, 'x', kind)).rejects.toThrow('SlowDown');
});
