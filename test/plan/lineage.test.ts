import { expect, test } from 'vitest';
import { analyseSql } from '../../lib/plan/sql.ts';

const visible = [
  {
    name: 'people',
    columns: [
      { name: 'id', type: 'string' as const },
      { name: 'size', type: 'int' as const },
    ],
  },
  {
    name: 'towns',
    columns: [
      { name: 'id', type: 'string' as const },
      { name: 'name', type: 'string' as const },
    ],
  },
];
const lineage = (sql: string) => analyseSql(sql, 'x.sql', visible).lineage;

test.each([
  [
    'a CTE',
    'WITH v AS (SELECT id, size * 2 AS twice FROM people) SELECT v.id, twice FROM v',
    ['people.id'],
    ['people.size'],
  ],
  [
    'CTEs one upon the other',
    'WITH a AS (SELECT id, max(size) AS m FROM people GROUP BY id), b AS (SELECT id, m FROM a) SELECT b.id, b.m AS twice FROM b',
    ['people.id'],
    ['people.size'],
  ],
  [
    'a CTE that has the name of a table it does not read',
    'WITH towns AS (SELECT id, size FROM people) SELECT id, size AS twice FROM towns',
    ['people.id'],
    ['people.size'],
  ],
  ['a table that has an alias', 'SELECT t.id, t.size AS twice FROM people AS t', ['people.id'], ['people.size']],
  [
    'an alias that is the name of a table',
    'SELECT towns.id, towns.size AS twice FROM people AS towns',
    ['people.id'],
    ['people.size'],
  ],
  [
    'a query within',
    'SELECT q.id, q.s AS twice FROM (SELECT id, sum(size) AS s FROM people GROUP BY id) q',
    ['people.id'],
    ['people.size'],
  ],
])('a column is traced through %s to the table that is read', (_, sql, id, twice) => {
  expect(lineage(sql)).toEqual({ id, twice });
});

test('a column without a source column, such as a count, has no source in the lineage', () => {
  const sql = 'WITH a AS (SELECT id, count(*) AS n FROM people GROUP BY id) SELECT a.id, a.n FROM a';
  expect(lineage(sql)).toEqual({ id: ['people.id'], n: [] });
});
