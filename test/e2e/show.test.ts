import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { functions } from '../../lambdas/functions.ts';
import { program } from '../../lib/cli/program.ts';
import { millrace, openLab, run } from './lab.ts';

let lab: Awaited<ReturnType<typeof openLab>>;
let shop: string;

beforeAll(async () => {
  lab = await openLab();
  shop = lab.at('shop');
  await mkdir(lab.at('data', 'orders'), { recursive: true });
  await mkdir(path.join(shop, 'silver'), { recursive: true });
  await writeFile(
    path.join(shop, 'pipeline.ts'),
    `import { definePipeline } from 'millrace';
export default definePipeline({
  name: 'shop',
  sources: { orders: { format: 'csv', path: 'orders/*.csv', columns: ['orderId', 'amount', 'note'] } },
  tables: {
    orders_clean: {
      layer: 'silver',
      sql: 'silver/orders_clean.sql',
      reads: { orders: { use: 'rows', quarantine: { has_amount: 'try_cast(amount AS DOUBLE) IS NOT NULL' } } },
      columns: { orderId: 'int', amount: 'double', note: 'string?' },
    },
  },
});
`,
  );
  await writeFile(
    path.join(shop, 'silver', 'orders_clean.sql'),
    'SELECT _row, CAST(orderId AS INT) AS orderId, CAST(amount AS DOUBLE) AS amount, note FROM orders',
  );
  const rows = Array.from({ length: 30 }, (_, i) => `${i + 1},${i / 2},"a ""note"" no. ${i}"`);
  // Line 4 has another number of fields. The record on line 6, the fourth one read, has no amount.
  rows.splice(2, 0, '99,1');
  rows.splice(4, 0, '98,much,x');
  await writeFile(lab.at('data', 'orders', 'a.csv'), `orderId,amount,note\n${rows.join('\n')}\n`);
  const { document, err } = await run(shop, '--data', lab.at('data'), '--root', lab.at('root'));
  expect([document.status, document.issues], err).toEqual(['succeeded', []]);
});
afterAll(() => lab.close());

const show = (...args: string[]) => millrace('show', shop, ...args, '--root', lab.at('root'));

describe('rows of a table', () => {
  test('are shown with types, up to the requested number, and with their total', async () => {
    const { code, out, err } = await show('silver.orders_clean', '--limit', '2');
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n').map((line) => line.trimEnd())).toEqual([
      '  orderId  amount  note',
      '      int  double  string',
      '        1       0  a "note" no. 0',
      '        2     0.5  a "note" no. 1',
      'silver.orders_clean, version 0: 2 of 30 rows',
      '',
    ]);
    expect((await show('bronze.orders')).out).toContain('bronze.orders, version 0: 20 of 31 rows\n');
    expect((await show('bronze.orders', '--limit', '1000')).out).toContain('bronze.orders, version 0: 31 rows\n');
  });

  test('are found by the bare table name', async () => {
    expect((await show('orders_clean')).out).toContain('silver.orders_clean, version 0: 20 of 30 rows');
  });

  test('fit a terminal, with only the requested columns', async () => {
    const said = { out: '', err: '' };
    const stream = (to: 'out' | 'err') => ({
      isTTY: true,
      columns: 40,
      write: (text: string) => {
        said[to] += text;
      },
    });
    const asked = ['show', shop, 'bronze.orders', '--columns', '_source_file,orderId', '--root', lab.at('root')];
    await program(asked, { out: stream('out'), err: stream('err'), environments, functions });
    expect(said.out).toMatch(/^ {2}_source_file {2,}orderId\n/);
    expect(Math.max(...said.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(48);
  });

  test('are filtered by a condition', async () => {
    const { out } = await show('silver.orders_clean', '--where', 'orderId > 28 AND amount IS NOT NULL');
    expect(out).toContain('silver.orders_clean, version 0: 2 rows that match the condition\n');
    const one = await show('silver.orders_clean', '--where', 'orderId = 29');
    expect(one.out).toContain('silver.orders_clean, version 0: 1 row that matches the condition\n');
  });

  test('are a document with --json, with all columns', async () => {
    const { code, out } = await show('silver.orders_clean', '--limit', '1', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      pipeline: 'shop',
      table: 'silver.orders_clean',
      version: 0,
      total: 30,
      columns: expect.arrayContaining([
        { name: 'amount', type: 'double' },
        { name: '_row', type: 'bigint' },
      ]),
      rows: [{ orderId: 1, amount: 0, note: 'a "note" no. 0' }],
    });
  });
});

describe('rows in quarantine', () => {
  test('of a source have their rule, file, line, reason and text', async () => {
    expect((await show('quarantine.orders')).out).toBe(`csv:fields  orders/a.csv, line 4
  reason  expected 3 fields, found 2
  row     99,1

quarantine.orders, version 0: 1 row
`);
  });

  test('of a table have the rule that they failed, and their original record', async () => {
    expect((await show('quarantine.orders_clean')).out).toBe(`has_amount  orders/a.csv, record 5
  row     {"orderId":"98","amount":"much","note":"x"}

quarantine.orders_clean, version 0: 1 row
`);
    const { rows } = JSON.parse((await show('quarantine.orders_clean', '--json')).out) as { rows: object[] };
    expect(rows).toMatchObject([{ _rule: 'has_amount', _place: { file: 'orders/a.csv', record: 5 } }]);
  });
});

test('without a table, all tables are listed with their rows', async () => {
  const { code, out } = await show();
  expect(code).toBe(0);
  expect(out).toMatch(/bronze\.orders +31 +0\n.*quarantine\.orders +1 +0\n/s);
});

describe('a failed `show` has a code and one hint', () => {
  test.each([
    [['silver.ordesr_clean'], 2, 'MR160', 'silver.orders_clean   (known: '],
    [['ordesr_clean'], 2, 'MR160', 'silver.orders_clean   (known: '],
    [['../../etc'], 2, 'MR160', 'known: '],
    [['silver.orders_clean', '--columns', 'orderid'], 2, 'MR162', 'orderId   (known: '],
    [['silver.orders_clean', '--where', 'total > 1'], 1, 'MR162', 'orderId, amount, note'],
    [['silver.orders_clean', '--where', '1=1); DROP TABLE rows; --'], 1, 'MR162', 'orderId, amount, note'],
    [['silver.orders_clean', '--version', '7'], 1, 'MR162', 'its newest version is 0'],
    [['silver.orders_clean', '--limit', 'many'], 2, 'MR706', ''],
  ])('%j', async (args, exitCode, code, hint) => {
    const { code: ended, err } = await show(...args);
    expect([ended, err]).toEqual([exitCode, expect.stringContaining(code)]);
    expect(err).toContain(hint);
  });

  test('an option that selects rows needs a table, even with its default value', async () => {
    for (const [option, value] of [
      ['where', 'x'],
      ['columns', 'a'],
      ['version', '0'],
      ['limit', '20'],
    ] as const) {
      const { code, out, err } = await millrace('show', shop, `--${option}`, value, '--root', lab.at('root'));
      expect([code, out, err]).toEqual([
        2,
        '',
        expect.stringMatching(`MR706.*\n *--${option} needs a table|MR706.*--${option} needs a table`),
      ]);
      expect(err).toContain(`TABLE --${option} ...`);
    }
  });

  test('a table that is not built yet, and an unknown pipeline', async () => {
    const nothing = await millrace('show', shop, 'silver.orders_clean', '--root', lab.at('empty'));
    expect([nothing.code, nothing.err]).toEqual([1, expect.stringMatching(/MR161[\s\S]*try {3}millrace run /)]);
    const unknown = await millrace('show', 'chrun', 'silver.orders', '--root', lab.at('empty'));
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringMatching(/MR101[\s\S]*try {3}churn /)]);
  });

  test('tables of an environment: Athena reads them', async () => {
    const { code, err } = await millrace('show', 'churn', 'silver.customers_clean', '--env', 'dev');
    expect([code, err]).toEqual([2, expect.stringMatching(/MR163[\s\S]*Athena.*"customers_clean"/)]);
  });
});

test('the status lists tasks under the heading task', async () => {
  const { code, out } = await millrace('status', shop, '--root', lab.at('root'));
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/^ {2}task +version +run\n(?: {2}\w+ +0 +\S+\n)* {2}orders_clean +0 /m),
  ]);
});

test('tables are shown even if the definition is broken', async () => {
  const gone = lab.at('gone', 'shop');
  await mkdir(gone, { recursive: true });
  await writeFile(path.join(gone, 'pipeline.ts'), 'export default {');
  const { code, out } = await millrace('show', gone, 'orders_clean', '--root', lab.at('root'));
  expect([code, out]).toEqual([0, expect.stringContaining('20 of 30 rows')]);
});
