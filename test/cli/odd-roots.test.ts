import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { millrace } from '../e2e/lab.ts';

/** Every verb with every odd root ends with a code for what is wrong, and without a stack trace. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-roots-'));
  await mkdir(path.join(folder, 'data'));
  await writeFile(path.join(folder, 'file'), 'no folder');
  await symlink(path.join(folder, 'loop'), path.join(folder, 'loop'));
  await symlink(path.join(folder, 'nowhere'), path.join(folder, 'broken'));
  await mkdir(path.join(folder, 'closed'));
  await chmod(path.join(folder, 'closed'), 0o500);
});
afterAll(async () => {
  await chmod(path.join(folder, 'closed'), 0o700);
  await rm(folder, { recursive: true, force: true });
});

const roots: Record<string, () => string> = {
  'below /proc': () => '/proc/x',
  '/proc itself': () => '/proc',
  'below /sys': () => '/sys/x',
  'a file': () => path.join(folder, 'file'),
  'below a file': () => path.join(folder, 'file', 'lake'),
  'a device': () => '/dev/null',
  'a link to itself': () => path.join(folder, 'loop'),
  // The root user may write anywhere.
  ...(process.getuid?.() !== 0 && {
    'below a folder that may not be written': () => path.join(folder, 'closed', 'lake'),
  }),
  'a name of 300 letters': () => path.join(folder, 'x'.repeat(300)),
};

const verbs: Record<string, () => string[]> = {
  run: () => ['run', 'churn', '--data', path.join(folder, 'data')],
  plan: () => ['plan', 'churn', '--data', path.join(folder, 'data')],
  status: () => ['status', 'churn'],
  logs: () => ['logs', 'churn'],
  show: () => ['show', 'churn', 'silver.customers_clean'],
  score: () => ['score', 'churn', '--id', 'C-1'],
  'bookmarks show': () => ['bookmarks', 'show', 'churn'],
  'bookmarks rewind': () => ['bookmarks', 'rewind', 'churn', 'customers'],
  'bookmarks set': () => ['bookmarks', 'set', 'churn', 'customers', '--data', path.join(folder, 'data')],
  generate: () => ['generate', 'churn', '--customers', '5'],
  doctor: () => ['doctor'],
  cost: () => ['cost', 'churn'],
};

/** Verbs that work without an existing root. */
const readers = ['status', 'logs', 'bookmarks show', 'cost'];

describe.skipIf(process.platform !== 'linux').each(Object.keys(roots))('the root is %s', (name) => {
  test.each(Object.keys(verbs))('%s ends with a code and a place, and without a stack trace', async (verb) => {
    const root = roots[name]!();
    const { code, out, err } = await millrace(...verbs[verb]!(), '--root', root, '--json');
    const document = JSON.parse(out) as { status?: string; issues?: { code: string; path: string; hint: string }[] };
    if (readers.includes(verb) && code === 0) return;
    expect([1, 2, 5], err).toContain(code);
    expect(err).not.toMatch(/^\s+at (?!\s)\S+ \(|^\s+at async |node:internal|Traceback/m);
    if (verb !== 'doctor') {
      expect(document.status).toBe('failed');
      expect(document.issues!.length).toBeGreaterThan(0);
      for (const issue of document.issues!) {
        expect(issue.code).toMatch(/^MR(?!539)\d{3}$/);
        expect(issue.path).not.toBe('');
        expect(issue.hint).not.toBe('');
        expect(err).toContain(issue.code);
      }
    }
  });
});

test('a missing root is created by a run, but not by read-only commands', async () => {
  const root = path.join(folder, 'new', 'lake');
  for (const verb of ['status', 'bookmarks show', 'doctor', 'cost']) {
    expect(await millrace(...verbs[verb]!(), '--root', root), verb).toMatchObject({ code: 0 });
  }
  expect(await readdir(folder)).not.toContain('new');
  expect(await millrace(...verbs['generate']!(), '--root', root)).toMatchObject({ code: 0 });
  expect(await readdir(root)).toEqual(['data']);
});

test('doctor checks the disk on which the root would be', async () => {
  const { out } = await millrace('doctor', '--root', path.join(folder, 'a', 'b', 'c'), '--json');
  const { findings } = JSON.parse(out) as { findings: { what: string; status: string; found: string }[] };
  expect(findings).toContainEqual({ what: 'Disk', status: 'ok', found: expect.stringMatching(/[1-9]\d*\.\d GB free/) });
});

test('a broken link is not a root', async () => {
  const { code, out } = await millrace(...verbs['run']!(), '--root', path.join(folder, 'broken'), '--json');
  expect([code, JSON.parse(out)]).toMatchObject([5, { issues: [{ code: 'MR527' }] }]);
});
