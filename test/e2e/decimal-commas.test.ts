import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';
import { millrace, openLab, run } from './lab.ts';

/** Numbers that the SQL cannot read must not become nulls that nobody counts. */

test.each(['churn', 'telco'])('the SQL of %s has a rule for each try_cast: check has no warning', async (pipeline) => {
  const said = await millrace('check', pipeline, '--json');
  expect(said.code).toBe(0);
  expect((JSON.parse(said.out) as { issues: unknown[] }).issues).toEqual([]);
});

const shared = path.resolve(projectFolder, '..', 'shared', 'data', 'churn');
const customers = 300;
const withComma = 100;

describe.skipIf(!existsSync(shared))('telco, on real customers of whom a third have decimal commas', () => {
  let lab: Awaited<ReturnType<typeof openLab>>;
  beforeAll(async () => {
    lab = await openLab();
    await Promise.all(['customers', 'regions'].map((name) => mkdir(lab.at('data', name), { recursive: true })));
    await copyFile(path.join(shared, 'telecom_zipcode_population.csv'), lab.at('data', 'regions', 'regions.csv'));
    const text = await readFile(path.join(shared, 'telecom_customer_churn_maven.csv'), 'utf8');
    const [header, ...lines] = text.split(/\r?\n/).slice(0, customers + 1);
    const charge = header!.split(',').findIndex((name) => name.trim() === 'Monthlycharge');
    const changed = lines.map((line, i) => {
      const cells = line.split(',');
      // A whole number would have no comma.
      if (i < withComma) cells[charge] = '"29,85"';
      return cells.join(',');
    });
    await writeFile(lab.at('data', 'customers', 'customers.csv'), `${[header, ...changed].join('\n')}\n`);
  });
  afterAll(() => lab.close());

  test('quarantines each of them by the rule of the column, and writes no null for it', async () => {
    const { document } = await run('telco', '--data', lab.at('data'), '--root', lab.at('root'));
    const clean = document.tasks.find(({ task }) => task === 'customers_clean')!;
    expect(clean).toMatchObject({ read: customers, quarantined: { monthly_charge_is_a_number: withComma } });
    const { filtered, written } = clean;
    const kept = Object.values(filtered).reduce((sum, count) => sum + count, 0);
    expect(written + kept).toBe(customers - withComma);
    const shown = await millrace('show', 'telco', 'quarantine.customers_clean', '--root', lab.at('root'));
    expect(shown.out).toContain('29,85');
    const nulls = ['silver.customers_clean', '--where', 'monthly_charge IS NULL', '--root', lab.at('root'), '--json'];
    const found = await millrace('show', 'telco', ...nulls);
    expect([found.code, (JSON.parse(found.out) as { rows: unknown[] }).rows], found.err).toEqual([0, []]);
  });
});
