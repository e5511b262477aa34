import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { definitionSchema } from '../../lib/definition/schema.ts';
import { millrace } from '../e2e/lab.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
  await mkdir(path.join(scratch, 'sales', 'dt=2024-01-01'), { recursive: true });
  await mkdir(path.join(scratch, 'sales', 'dt=2024-01-02', '_temporary'), { recursive: true });
  await writeFile(
    path.join(scratch, 'sales', 'dt=2024-01-01', 'x.csv'),
    'id;it\'s "net";day\n1;2.5;2024-01-01\n2;;2024-01-02\n',
  );
  await writeFile(path.join(scratch, 'sales', 'dt=2024-01-02', 'y.csv'), 'id;it\'s "net";day\n');
  await writeFile(path.join(scratch, 'sales', 'dt=2024-01-02', '_temporary', 'z.csv'), 'half');
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

test('discover proposes a valid source with its partitions, and says what it read', async () => {
  const said = await millrace('discover', path.join(scratch, 'sales'));
  expect(said.code).toBe(0);
  expect(said.out).toBe(`sales: {
  format: 'csv',
  path: 'sales/*.csv',
  delimiter: ';',
  columns: [
    'id', // int
    'it_s_net', // double?
    'day', // date
  ],
  headers: {
    it_s_net: 'it\\'s "net"',
  },
  partitions: { dt: 'date' },
},
`);
  expect(said.err).toContain('from all 2 rows of');
  const sources = new Function(`return { ${said.out} }`)() as object;
  expect(definitionSchema.safeParse({ name: 'p', sources, tables: {} }).success).toBe(true);
});

test('discover prints one document with --json, and a code if there is nothing to read', async () => {
  const said = await millrace('discover', path.join(scratch, 'sales', 'dt=2024-01-01', 'x.csv'), '--json');
  expect(JSON.parse(said.out)).toMatchObject({ format: 'csv', rows: 2, delimiter: ';' });
  const none = await millrace('discover', path.join(scratch, 'nowhere'));
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('MR227')]);
});
