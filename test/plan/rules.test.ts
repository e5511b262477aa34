import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/plan/compile.ts';
import { changed, type Draft, smallSql } from './pipelines.ts';

const place = 'pipelines/small/pipeline.ts';
const issuesOf = (change: (draft: Draft) => void) => compile(changed(change), smallSql, place).issues;
const rule = (list: 'keep' | 'quarantine', sql: string) => (draft: Draft) => {
  draft['tables'].people_clean.reads.people[list] = { has_id: sql };
};

describe('a rule', () => {
  test.each(['keep', 'quarantine'] as const)('of %s that misspells a column has its place and the column', (list) => {
    expect(issuesOf(rule(list, "trim(ids) <> ''"))).toMatchObject([
      {
        code: 'MR109',
        path: `${place}  tables.people_clean.reads.people.${list}.has_id`,
        message: 'unknown column "ids" in "people"',
        hint: expect.stringMatching(/^id {3}\(known: id, town, born/),
      },
    ]);
  });

  test('that the batch must meet sees the columns of the table that is made', () => {
    const expecting = (sql: string) => (draft: Draft) => {
      draft['tables'].people_clean.expect = { some: sql };
    };
    expect(issuesOf(expecting('count(*) > 0 AND max(born) IS NOT NULL'))).toEqual([]);
    expect(issuesOf(expecting('max(borm) IS NOT NULL'))).toMatchObject([
      { code: 'MR109', path: `${place}  tables.people_clean.expect.some`, hint: expect.stringMatching(/^born/) },
    ]);
  });

  test.each([
    'ID IS NOT NULL',
    '`town` IN (\'a\', "b")',
    "exists(split(town, ','), part -> part <> '')",
    'CAST(born AS DATE) < CAST(:as_of AS DATE)',
    '_source_file IS NOT NULL AND _row >= 0',
    'id IN (SELECT x.nowhere FROM people AS x)',
  ])('may be %s', (sql) => {
    expect(issuesOf(rule('quarantine', sql)).filter(({ code }) => code === 'MR109')).toEqual([]);
  });
});

test('a label that is no column is one issue: the unknown column', () => {
  const issues = issuesOf((draft) => {
    draft['models'].stays.label = 'sise';
  });
  expect(issues.map(({ code, hint }) => [code, hint?.split(' ')[0]])).toEqual([['MR103', 'size']]);
});
