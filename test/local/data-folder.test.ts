import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { whereElse, whereIsData } from '../../lib/local/data-folder.ts';

let at: string;
beforeAll(async () => {
  at = await mkdtemp(path.join(tmpdir(), 'millrace-test-'));
  for (const name of ['data/orders', 'data/shopers', 'data/.git', 'empty'])
    await mkdir(path.join(at, name), { recursive: true });
  await writeFile(path.join(at, 'data', 'order.csv'), '');
});
afterAll(() => rm(at, { recursive: true, force: true }));

test.each([
  ['data', 'ordesr', 'did you mean orders/?'],
  ['data', 'order', 'did you mean orders/?'],
  ['data', 'customers', 'customers/; AT/data contains orders/, shopers/'],
  ['data', 'shop', 'shop/; AT/data contains orders/, shopers/'],
  ['data/orders', 'orders', '--data AT/data'],
  ['empty', 'orders', 'AT/empty contains no folders'],
  ['nowhere', 'orders', 'AT/nowhere contains no folders'],
])('where %s lacks %s, the hint names what is near, else what there is', async (data, wanted, hint) => {
  expect(await whereIsData(path.join(at, data), wanted)).toContain(hint.replaceAll('AT', at));
});

test.each([
  ['dta', 'did you mean --data AT/data?'],
  ['customers', 'set --data to the folder with the input files; AT contains data/, empty/'],
  ['dta/deep/in', 'did you mean --data AT/data?'],
])('where the data folder %s is not there, the hint names what is near, else what there is', async (data, hint) => {
  expect(await whereElse(path.join(at, data), [])).toBe(hint.replaceAll('AT', at));
});

test('a folder beside it that has the folders of all sources is named, then the folder of the last run', async () => {
  const wrong = path.join(at, 'wrong');
  expect(await whereElse(wrong, ['orders/', 'shopers/'])).toBe(`did you mean --data ${path.join(at, 'data')}?`);
  expect(await whereElse(wrong, ['orders/', 'regions/'], '--data /d, as in the last run')).toBe(
    '--data /d, as in the last run',
  );
  expect(await whereElse(path.join(at, 'emty'), ['orders/'], 'unused')).toBe(
    `did you mean --data ${path.join(at, 'empty')}?`,
  );
});
