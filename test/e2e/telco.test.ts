import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';
import { asBinary } from '../learning/binary.ts';
import { openLab, run, sum } from './lab.ts';

/** Real customer data, not written for Millrace. Skipped if the shared data are absent. */
const shared = path.resolve(projectFolder, '..', 'shared', 'data', 'churn');

describe.skipIf(!existsSync(shared))('telco, on 7,043 real customers', () => {
  let lab: Awaited<ReturnType<typeof openLab>>;
  let done: Awaited<ReturnType<typeof run>>;

  beforeAll(async () => {
    lab = await openLab();
    await Promise.all(['customers', 'regions'].map((name) => mkdir(lab.at('data', name), { recursive: true })));
    await copyFile(path.join(shared, 'telecom_customer_churn_maven.csv'), lab.at('data', 'customers', 'customers.csv'));
    await copyFile(path.join(shared, 'telecom_zipcode_population.csv'), lab.at('data', 'regions', 'regions.csv'));
    done = await run('telco', '--data', lab.at('data'), '--root', lab.at('root'));
  });
  afterAll(() => lab.close());

  test('reads and accounts for every row', () => {
    expect(done.code).toBe(0);
    const tasks = Object.fromEntries(done.document.tasks.map((task) => [task.task, task]));
    expect(tasks['customers']).toMatchObject({ read: 7043, written: 7043, quarantined: {} });
    expect(tasks['customers_clean']).toMatchObject({
      read: 7043,
      written: 6589,
      filtered: { has_had_time_to_leave: 454 },
    });
    for (const { read, written, aggregated, deduplicated, filtered, quarantined } of done.document.tasks) {
      expect(written + sum(aggregated) + deduplicated + sum(filtered) + sum(quarantined)).toBe(read);
    }
  });

  test('predicts churn with a hold-out AUC of at least 0.91, without the columns that leak the label', async () => {
    const [model] = done.document.models;
    expect(asBinary(model).metrics.auc).toBeGreaterThanOrEqual(0.91);
    const { features } = JSON.parse(await readFile(path.join(model!.folder, 'model.json'), 'utf8')) as {
      features: { name: string }[];
    };
    const names = features.map((feature) => feature.name);
    expect(names).toContain('tenure_months');
    for (const leak of ['churn_reason', 'churn_category', 'status']) expect(names).not.toContain(leak);
  });

  test('writes the report', async () => {
    expect(await readFile(done.document.report!, 'utf8')).toContain('telco_churn');
  });
});
