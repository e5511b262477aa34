import { expect, test } from 'vitest';
import { placed } from '../../lib/local/issue-positions.ts';
import { compile } from '../../lib/plan/compile.ts';
import { small, smallSql } from '../plan/pipelines.ts';

const plan = compile(small, smallSql, 'pipelines/small/pipeline.ts').plan!;
const issue = (more: object) => ({
  code: 'MR302',
  path: 'pipelines/small/people_clean.sql',
  message: 'of another type',
  ...more,
});

test('an issue about an output column has the line and column where the SQL writes it', async () => {
  const sql = smallSql['people_clean.sql']!;
  const [found] = await placed([issue({ column: 'born' })], plan);
  const [, line, column] = /people_clean\.sql:(\d+):(\d+)$/.exec(found!.path)!;
  expect(sql.split('\n')[Number(line) - 1]!.slice(Number(column) - 1)).toMatch(
    /^(born|try_cast\(p\.born AS DATE\) AS born)/,
  );
  expect(found).not.toHaveProperty('column');
});

test('other issues keep their place: without a column, or about a file of no task', async () => {
  expect(await placed([issue({})], plan)).toEqual([issue({})]);
  const elsewhere = { ...issue({}), path: 'gone.sql' };
  expect(await placed([{ ...elsewhere, column: 'born' }], plan)).toEqual([elsewhere]);
  expect(await placed([], plan)).toEqual([]);
});
