import { appendFile, cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { millrace, openLab, run } from './lab.ts';

/** What real suppliers send: a broken line, only a header, an absurd cell. None of it stops a shipped pipeline. */

let lab: Awaited<ReturnType<typeof openLab>>;
const fields = ['customer_id', 'status', 'join_date', 'updated_at', 'plan_type', 'device_type', 'contract_type'];
const header = [...fields, 'payment_method', 'age', 'monthly_charges', 'total_charges', 'region_id'].join(',');
const line = (id: string, { age = '41', charges = '50.00', region = 'R-01', joined = '2024-01-05' } = {}) =>
  `${id},active,${joined},2025-06-12T08:14:33,basic,mobile,one-year,credit-card,${age},${charges},600.00,${region}`;

beforeAll(async () => {
  lab = await openLab();
  expect((await millrace('generate', 'churn', '--customers', '600', '--out', lab.at('data'))).code).toBe(0);
  const first = await run('churn', '--data', lab.at('data'), '--root', lab.at('root'), '--force', 'customers');
  expect(first.code).toBeLessThanOrEqual(3);
});
afterAll(() => lab.close());

/** Adds a file of customers to an existing lake, and runs. */
async function deliver(name: string, text: string) {
  const [data, root] = [lab.at(name, 'data'), lab.at(name, 'root')];
  await cp(lab.at('data'), data, { recursive: true });
  await cp(lab.at('root'), root, { recursive: true });
  await writeFile(path.join(data, 'customers', `${name}.csv`), text);
  return run('churn', '--data', data, '--root', root);
}

const quarantined = (done: Awaited<ReturnType<typeof run>>, task: string) =>
  done.document.tasks.find((result) => result.task === task)!.quarantined;
const stopped = (done: Awaited<ReturnType<typeof run>>) => done.document.issues.map(({ code }) => code);

describe('an ordinary delivery', () => {
  test('of one broken line is quarantined, and expectations without new rows are not judged', async () => {
    const done = await deliver('broken', `${header}\nC-9,active\n`);
    expect([stopped(done), done.code === 1]).toEqual([[], false]);
    expect(quarantined(done, 'customers')).toEqual({ 'csv:fields': 1 });
  });

  test('with only a header has no rows', async () => {
    const done = await deliver('empty', `${header}\n`);
    expect([stopped(done), done.code === 1]).toEqual([[], false]);
  });
});

describe('an absurd cell', () => {
  const absurd: [string, string, string][] = [
    ...['NaN', 'Infinity', '-inf', '1e17', '1e10', '-5'].map((age, i): [string, string, string] => [
      `age ${i}`,
      line(`X-${i}`, { age }),
      'age_is_a_number',
    ]),
    ['charges', line('X-10', { charges: '1e300' }), 'monthly_charges_is_a_number'],
    ['region', line('X-11', { region: 'r'.repeat(250) }), 'region_is_short'],
    ['date', line('X-12', { joined: '9999-12-31' }), 'join_date_is_a_date'],
  ];

  test('quarantines its row under the rule that names its column, and other rows pass', async () => {
    const text = [header, ...absurd.map(([, row]) => row), line('G-1'), ''].join('\n');
    const done = await deliver('absurd', text);
    expect(stopped(done)).toEqual([]);
    for (const [what, , rule] of absurd) {
      const alike = absurd.filter(([, , other]) => other === rule).length;
      expect(quarantined(done, 'customers_clean')[rule], what).toBeGreaterThanOrEqual(alike);
    }
    const clean = done.document.tasks.find(({ task }) => task === 'customers_clean')!;
    expect(clean.written).toBeGreaterThanOrEqual(1);
  });

  test('is also quarantined in contacts and regions', async () => {
    const [data, root] = [lab.at('contacts', 'data'), lab.at('contacts', 'root')];
    await cp(lab.at('data'), data, { recursive: true });
    const contact = { customer_id: 'C-1', ts: '2025-06-01T00:00:00', channel: 'chat', type: 'info', resolved: true };
    const rows = [
      { ...contact, duration: 1e300, sentiment: 0 },
      { ...contact, duration: 5, sentiment: 1e17 },
    ];
    await writeFile(
      path.join(data, 'interactions', 'more.json'),
      rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    );
    const done = await run('churn', '--data', data, '--root', root);
    expect(stopped(done)).not.toContain('MR306');
    expect(quarantined(done, 'interactions_clean')).toMatchObject({ duration_is_usable: 1, sentiment_is_usable: 1 });
  });
});

describe('warnings', () => {
  test('are on the terminal and in the summary as well as in the report', async () => {
    const [data, root] = [lab.at('warned', 'data'), lab.at('warned', 'root')];
    await cp(lab.at('data'), data, { recursive: true });
    const file = path.join(data, 'customers', 'part-00000.csv');
    await appendFile(file, `${line('F-1', { joined: '2030-01-01' })}\n`);
    const said = await millrace('run', 'churn', '--data', data, '--root', root);
    expect(said.out).toMatch(/\d+ warnings?\n/);
    expect(said.err).toContain(
      'warning  churn_features  expectation tenure_is_not_negative does not hold: min(tenure_days) >= 0',
    );
  });
});
