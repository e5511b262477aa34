import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MillraceError } from '../../lib/errors.ts';
import { endedByFullDisk, onDisk, systemFault } from '../../lib/local/system-faults.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-faults-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** An error as Node throws it, because a test cannot fill or break a disk. */
const thrown = (code: string, more: object = {}) =>
  Object.assign(new Error(code), { code, errno: -1, syscall: 'write', path: '/lake/x', ...more });

describe('an error of the system', () => {
  test.each([
    ['ENOSPC', 'MR501'],
    ['EACCES', 'MR508'],
    ['EROFS', 'MR508'],
    ['ENOENT', 'MR525'],
    ['EMFILE', 'MR526'],
    ['EIO', 'MR526'],
  ])('as %s is %s, with the file, the name of the error and one thing to do', (code, expected) => {
    const fault = systemFault(thrown(code))!;
    expect(fault).toBeInstanceOf(MillraceError);
    expect(fault.exitCode).toBe(5);
    expect(fault.issues).toMatchObject([
      { code: expected, path: '/lake/x', message: expect.stringContaining(`(${code})`), hint: expect.any(String) },
    ]);
  });

  test('names the file that the caller knows, or else the action, if the error names none', () => {
    expect(systemFault(thrown('ENOSPC', { path: undefined }), '/lake/z')!.issues[0]!.path).toBe('/lake/z');
    expect(systemFault(thrown('ENOSPC'), '/lake/z')!.issues[0]!.path).toBe('/lake/x');
    expect(systemFault(thrown('EMFILE', { path: undefined }))!.issues[0]!.path).toBe('write');
    expect(systemFault(thrown('EEXIST', { path: undefined, dest: '/lake/y' }))!.issues[0]!.path).toBe('/lake/y');
  });

  test.each([
    ['an error of the program', new TypeError('x is undefined')],
    ['an error with another code', Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' })],
    ['an error of the network', thrown('ECONNREFUSED')],
    ['nothing', undefined],
    ['a text', 'ENOENT'],
  ])('is not %s', (_, error) => {
    expect(systemFault(error)).toBeUndefined();
  });
});

describe('an action on the disk', () => {
  test('gives its result', async () => {
    await writeFile(path.join(folder, 'a'), 'text');
    expect(await onDisk(() => readFile(path.join(folder, 'a'), 'utf8'))).toBe('text');
  });

  test('fails with a fault if the system refuses it', async () => {
    await mkdir(path.join(folder, 'b'));
    const place = path.join(folder, 'b');
    await expect(onDisk(() => readFile(place))).rejects.toMatchObject({ issues: [{ code: 'MR525' }] });
    await expect(onDisk(() => readFile(path.join(folder, 'c')))).rejects.toMatchObject({
      issues: [{ code: 'MR525', path: path.join(folder, 'c') }],
    });
  });

  test('fails with its own error for anything else', async () => {
    const own = new RangeError('too many');
    await expect(onDisk(() => Promise.reject(own))).rejects.toBe(own);
  });
});

test('a process that ended on a full disk is recognised by its last output', () => {
  expect(endedByFullDisk('OSError: [Errno 28] No space left on device')).toBe(true);
  expect(endedByFullDisk('OSError: [Errno 5] Input/output error')).toBe(false);
});
