import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyState } from '../../lib/documents/bookmark-state.ts';
import { fileBookmarks } from '../../lib/local/bookmark-store.ts';
import { builtTables, fullName, showTables } from '../../lib/local/lake-tables.ts';
import { Root } from '../../lib/local/root.ts';
import { complains, prints, standInPython } from './stand-in-python.ts';

const python = standInPython();
let root: Root;
beforeAll(async () => {
  root = new Root(await mkdtemp(path.join(tmpdir(), 'millrace-tables-')));
  for (const name of ['silver/orders', 'bronze/orders', 'quarantine/orders'])
    await mkdir(path.join(root.lake('shop'), name, '_delta_log'), { recursive: true });
  await mkdir(path.join(root.lake('shop'), 'silver', 'half'), { recursive: true });
  await writeFile(path.join(root.lake('shop'), 'notes.txt'), '');
});
afterAll(() => rm(root.folder, { recursive: true, force: true }));

describe('the tables of a lake', () => {
  test('are the folders with a Delta log, including those of quarantined rows', async () => {
    const found = await builtTables(root, 'shop');
    expect(found.map(fullName)).toEqual(['bronze.orders', 'quarantine.orders', 'silver.orders']);
  });

  test('are none if the pipeline never ran', async () => {
    expect(await builtTables(root, 'nobody')).toEqual([]);
  });
});

describe('the contents of tables', () => {
  const orders = { layer: 'silver', name: 'orders' };
  const shown = {
    version: 2,
    total: 1,
    columns: [{ name: 'id', type: 'string' }],
    rows: [{ id: 'a' }],
    places: [null],
  };
  test('come from one script for all tables, with the versions of their input files', async () => {
    const files = { 'orders/a.csv': { path: 'orders/a.csv', etag: 'e1', size: 3 } };
    const task = { fingerprint: 'f', parts: {}, run: 'r', version: 2, rewrittenAt: 2, consumed: {}, files };
    await fileBookmarks(root).save({ ...emptyState('shop'), tasks: { orders: task } });
    await python.says('cat > "$0.input"', 'shift', 'echo "$*" > "$0.args"', prints({ tables: [shown, shown] }));
    const customers = { layer: 'gold', name: 'customers' };
    const asked = { rows: 5, version: 2, where: 'id = 1' };
    expect(await showTables(root, 'shop', [orders, customers], asked)).toEqual([shown, shown]);
    expect(JSON.parse(await readFile(python.at('python.input'), 'utf8'))).toEqual({ 'orders/a.csv': 'e1' });
    const places = [root.table('shop', 'silver', 'orders'), root.table('shop', 'gold', 'customers')].join(' ');
    expect(await readFile(python.at('python.args'), 'utf8')).toBe(`--rows=5 --version=2 --where=id = 1 -- ${places}\n`);
  });

  test('cannot be shown if the script reports a fault', async () => {
    await python.says(complains('{"code":"MR162","path":"orders","message":"there is no version 9"}'), 'exit 1');
    await expect(showTables(root, 'empty', [orders], { rows: 5, version: 9 })).rejects.toMatchObject({
      issues: [{ code: 'MR162', message: 'there is no version 9' }],
    });
  });
});
