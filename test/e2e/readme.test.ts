import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';
import { millrace, openLab, run } from './lab.ts';

/** The definition and the SQL in the README. */

let lab: Awaited<ReturnType<typeof openLab>>;

async function write(name: string, text: string): Promise<void> {
  await mkdir(path.dirname(lab.at(name)), { recursive: true });
  await writeFile(lab.at(name), text);
}

beforeAll(async () => {
  lab = await openLab();
  const readme = await readFile(path.join(projectFolder, 'README.md'), 'utf8');
  const [, definition] = /```ts\n([\s\S]*?)```/.exec(readme)!;
  await write('churn/pipeline.ts', definition!);
  for (const [, sql, name] of readme.matchAll(/```sql\n(-- (\S+)\n[\s\S]*?)```/g)) await write(`churn/${name}`, sql!);
  const customers = ['customer_id,status,join_date'];
  const contacts: string[] = [];
  for (let i = 0; i < 400; i++) {
    const often = i % 7;
    const day = i === 7 ? '2025-02-30' : new Date(Date.UTC(2023, 0, 1 + i)).toISOString().slice(0, 10);
    customers.push(`C-${i},${(i * 31) % 8 < often ? 'cancelled' : 'active'},${day}`);
    for (let k = 1; k <= often; k++)
      contacts.push(JSON.stringify({ customer_id: `C-${i}`, ts: `2025-0${k}-03T10:00:00Z` }));
  }
  await write('data/customers/a.csv', `${customers.join('\n')}\n`);
  await write('data/contacts/a.json', `${contacts.join('\n')}\n`);
});
afterAll(() => lab.close());

test('the definition in the README passes check, and runs from files to a model', async () => {
  const checked = await millrace('check', lab.at('churn'), '--root', lab.at('root'));
  expect([checked.code, checked.err]).toEqual([0, expect.stringContaining('2 SQL files checked, no issues')]);
  const { document, err } = await run(lab.at('churn'), '--data', lab.at('data'), '--root', lab.at('root'));
  expect([document.status, document.issues], err).toEqual(['succeeded', []]);
  expect(document.tasks.find(({ task }) => task === 'customers_clean')).toMatchObject({
    read: 400,
    written: 399,
    quarantined: { has_date: 1 },
  });
  expect(document.models).toMatchObject([{ name: 'churn', verdict: 'promote' }]);
});
