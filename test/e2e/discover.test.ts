import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { millrace, openLab, run } from './lab.ts';

let lab: Awaited<ReturnType<typeof openLab>>;
beforeAll(async () => {
  lab = await openLab();
  const days = Array.from({ length: 400 }, (_, i) => `${i},2024-01-${String((i % 28) + 1).padStart(2, '0')},${i / 2}`);
  days[7] = '7,n/a,1';
  const events = Array.from({ length: 300 }, (_, i) => JSON.stringify({ id: i, secs: i === 5 ? '5 min' : i }));
  const files: Record<string, string | Buffer> = {
    'orders/2024/01/a.csv.gz': gzipSync(`order id,day,amount\n${days.join('\n')}\n`),
    'orders/2024/02/b.csv.gz': gzipSync('order id,day,amount\n1,2024-01-01,2\n'),
    'orders/2024/02/c.csv.gz.part': 'half',
    'orders/2024/02/notes.md': 'x',
    'events/dt=2024-01-01/hour=7/x.jsonl': `${events.join('\n')}\n`,
    'events/dt=2024-01-02/hour=8/y.jsonl': '{"id":1,"secs":2}\n',
    'people/p.csv': Array.from({ length: 40 }, (_, i) => `${i};Ann ${i};1990-01-01\n`).join(''),
    'logs/app.txt': Array.from({ length: 30 }, (_, i) => `start of ${i}\n`).join(''),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(lab.at('data', name)), { recursive: true });
    await writeFile(lab.at('data', name), content);
  }
});
afterAll(() => lab.close());

test('discover writes a definition for nested folders that passes check, and a run reads all of them', async () => {
  const { code, out, err } = await millrace('discover', lab.at('data'), '--root', lab.at('root'));
  expect([code, out], err).toEqual([0, expect.stringContaining("path: 'orders/**/*.csv.gz'")]);
  expect(out).toContain('\'day\', // date; 1 of 400 is not: "n/a"');
  expect(out).toContain("partitions: { dt: 'date', hour: 'int' }");
  expect(out).toMatch(
    /people: \{\n {2}format: 'csv',\n {2}path: 'people\/\*\.csv',\n {2}delimiter: ';',\n {2}header: 0,/,
  );
  expect(out).toMatch(/logs: \{\n {2}format: 'text',/);
  expect(err).toContain('skips 1 place (still being written): orders/2024/02/c.csv.gz.part');
  expect(err).toContain('skips 1 place (a different ending from most): orders/2024/02/notes.md');
  await mkdir(lab.at('found'));
  await writeFile(
    lab.at('found', 'pipeline.ts'),
    `export default { name: 'found', sources: {\n${out}}, tables: {} };\n`,
  );
  const checked = await millrace('check', lab.at('found'), '--root', lab.at('root'));
  expect([checked.code, checked.err]).toEqual([0, expect.stringContaining('checked, no issues')]);
  const { document } = await run(lab.at('found'), '--data', lab.at('data'), '--root', lab.at('root'));
  expect(document.issues).toEqual([]);
  const tasks = Object.fromEntries(document.tasks.map(({ task, read, written }) => [task, [read, written]]));
  expect(tasks).toEqual({ orders: [401, 401], events: [301, 300], people: [40, 40], logs: [30, 30] });
});

test('folders with the same columns are one source', async () => {
  for (const region of ['north', 'south']) {
    await mkdir(lab.at('sales', region), { recursive: true });
    await writeFile(lab.at('sales', region, 'x.csv'), 'id,amount\n1,2\n');
  }
  const { out } = await millrace('discover', lab.at('sales'));
  expect(out).toMatch(/^sales: \{\n {2}format: 'csv',\n {2}path: 'sales\/\*\*\/\*\.csv',/);
});

test.each([
  ['blank.csv', '', /MR227 {2}all files are empty/],
  ['list.json', '[\n {\n  "a": 1\n }\n]\n', /MR227 {2}.*one object per line/],
  ['bad.parquet', 'x', /MR227 {2}the file is not valid parquet/],
  ['book.csv', 'PK\u0003\u0004', /MR227 {2}.*Excel/],
])('%s cannot be proposed, with the reason', async (name, content, said) => {
  await mkdir(lab.at(`odd-${name}`));
  await writeFile(lab.at(`odd-${name}`, name), content);
  const { code, err } = await millrace('discover', lab.at(`odd-${name}`));
  expect([code, err]).toEqual([1, expect.stringMatching(said)]);
});
