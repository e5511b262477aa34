import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyState } from '../../lib/documents/bookmark-state.ts';
import { millrace, type Said } from '../e2e/lab.ts';
import { sampleDossier } from '../report/sample.ts';

/** A pipeline outside the project, and a root in which it has run. */

let scratch: string;
let folder: string;
let root: string;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'millrace-paths-'));
  [folder, root] = [path.join(scratch, 'mine', 'shop'), path.join(scratch, 'root')];
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'pipeline.ts'), "export default { name: 'shop', sources: {}, tables: {} };\n");
  const run = path.join(root, 'runs', 'shop', 'r-1');
  const model = path.join(root, 'models', 'shop', 'loyal');
  for (const each of [path.join(root, 'state'), path.join(run, 'logs'), path.join(model, 'v1')])
    await mkdir(each, { recursive: true });
  const columns = { fingerprint: 'f', parts: {}, run: 'r-1', version: 3, rewrittenAt: 0, consumed: {} };
  const files = { 'a.csv': { path: 'a.csv', etag: 'x', size: 5 } };
  const state = { ...emptyState('shop'), revision: 4, lastRun: 'r-1', tasks: { orders: { ...columns, files } } };
  await writeFile(path.join(root, 'state', 'shop.json'), JSON.stringify(state));
  await writeFile(path.join(run, 'work.json'), JSON.stringify({ pipeline: 'shop' }));
  await writeFile(path.join(run, 'logs', 'build.log'), 'something was done\n');
  await writeFile(path.join(model, 'v1', 'dossier.json'), JSON.stringify(sampleDossier));
  const live = { version: 1, run: 'r-1', at: '2026-01-01T08:00:00.000Z', metric: 'auc', value: 0.81 };
  await writeFile(path.join(model, 'promotions.jsonl'), `${JSON.stringify(live)}\n`);
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const verbs: [string[], string][] = [
  [['status'], 'orders'],
  [['bookmarks', 'show'], 'revision 4'],
  [['logs'], 'something was done'],
  [['models', 'list'], 'v1'],
];
const said = (words: readonly string[], given: string): Promise<Said> =>
  millrace(...words, given, ...(words[0] === 'withdraw' ? ['orders', 'a.csv'] : []), '--root', root);

describe('a pipeline given as a path', () => {
  test.each(verbs)('is found by: %s', async (words, shown) => {
    const named = await said(words, 'shop');
    expect([named.code, named.out]).toEqual([0, expect.stringContaining(shown)]);
    const { out } = named;
    for (const given of [folder, `${folder}/`, path.join(folder, 'pipeline.ts')]) {
      const found = await said(words, given);
      expect([found.code, found.out.replaceAll(given, 'shop')], given).toEqual([0, out]);
    }
  });

  test.each(verbs)('gives the same fault as with run if it does not exist: %s', async (words) => {
    const nowhere = path.join(scratch, 'mine', 'shpo');
    const found = await said(words, nowhere);
    expect([found.code, found.err]).toEqual([2, expect.stringMatching(/^MR101 {2}there is no pipeline/)]);
    expect((await millrace('run', nowhere, '--root', root)).err).toBe(found.err);
  });

  test('can be rewound, skipped and withdrawn', async () => {
    const gone = await millrace('bookmarks', 'withdraw', folder, 'orders', 'a.csv', '--root', root);
    expect([gone.code, gone.out]).toEqual([0, expect.stringContaining('1 input withdrawn')]);
    const again = await millrace('bookmarks', 'rewind', path.join(folder, 'pipeline.ts'), 'orders', '--root', root);
    expect(again.code).toBe(0);
  });

  test('has its bookmarks shown under their old name too, which help does not list', async () => {
    const [now, before] = [await said(['bookmarks', 'show'], 'shop'), await said(['ledger', 'show'], 'shop')];
    expect(before).toEqual(now);
    expect((await millrace('--help')).out).not.toContain('ledger');
  });

  test('can be loaded by its file or its folder', async () => {
    const [one, other] = [folder, path.join(folder, 'pipeline.ts')].map((given) =>
      millrace('check', given, '--root', root),
    );
    expect((await one!).err.replaceAll(folder, '')).toBe(
      (await other!).err.replaceAll(path.join(folder, 'pipeline.ts'), '').replaceAll(folder, ''),
    );
  });
});
