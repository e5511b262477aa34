import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/plan/compile.ts';
import { unrepeatable } from '../../lib/plan/repeatable.ts';
import { changed, type Draft, small, smallSql } from './pipelines.ts';

const place = 'pipelines/small/pipeline.ts';
const none = new Set<string>();
const found = (sql: string, columns = none) => unrepeatable(sql, columns).map(({ text }) => text.toLowerCase());

describe('SQL whose result differs between runs', () => {
  test.each([
    ['SELECT rand() AS r FROM t', 'rand'],
    ['SELECT RAND(42) AS r FROM t', 'rand'],
    ['SELECT random () AS r FROM t', 'random'],
    ['SELECT randn() AS r FROM t', 'randn'],
    ['SELECT uuid() AS r FROM t', 'uuid'],
    ['SELECT shuffle(array(1, 2)) AS r FROM t', 'shuffle'],
    ['SELECT current_timestamp() AS r FROM t', 'current_timestamp'],
    ['SELECT CURRENT_TIMESTAMP AS r FROM t', 'current_timestamp'],
    ['SELECT datediff(current_date, born) AS r FROM t', 'current_date'],
    ['SELECT curdate() AS r FROM t', 'curdate'],
    ['SELECT id FROM t WHERE at > now() - INTERVAL 1 DAY', 'now'],
    ['SELECT localtimestamp() AS r FROM t', 'localtimestamp'],
    ['SELECT unix_timestamp() - 5 AS r FROM t', 'unix_timestamp'],
    ['SELECT monotonically_increasing_id() AS _row FROM t', 'monotonically_increasing_id'],
    ['SELECT spark_partition_id() AS r FROM t', 'spark_partition_id'],
    ['SELECT input_file_name() AS r FROM t', 'input_file_name'],
    ['SELECT current_user() AS r FROM t', 'current_user'],
    ['WITH a AS (SELECT id, row_number() OVER (ORDER BY rand()) AS n FROM t) SELECT * FROM a', 'rand'],
    ["SELECT datediff(DATE 'today', born) AS r FROM t", 'today'],
    ["SELECT CAST('now' AS TIMESTAMP) AS r FROM t", 'now'],
    ['SELECT id FROM t TABLESAMPLE (10 PERCENT)', 'tablesample'],
  ])('is found: %s', (sql, name) => {
    expect(found(sql).map((text) => text.replaceAll("'", ''))).toEqual([name]);
  });

  test.each([
    'SELECT rand, now, uuid, user AS current_date FROM t -- rand()',
    "SELECT 'rand()' AS r, 'now' AS what FROM t",
    'SELECT t.current_date, t.now FROM t',
    "SELECT unix_timestamp(at) AS r, to_unix_timestamp(at, 'yyyy') AS s FROM t",
    'SELECT id FROM t WHERE born < :current_date',
    "SELECT brand(x), operand, DATE '2024-01-01' AS d, date_add(day, 1) AS e FROM t",
    'SELECT row_number() OVER (ORDER BY id) AS n FROM t',
  ])('is not found: %s', (sql) => {
    expect(found(sql)).toEqual([]);
  });

  test('is not a column with the name of such a function', () => {
    expect(found('SELECT current_date FROM t', new Set(['current_date']))).toEqual([]);
    expect(found('SELECT current_date() FROM t', new Set(['current_date']))).toEqual(['current_date']);
  });

  test('is refused with its place and a hint, in a table and in a rule, for every scope', () => {
    const sql = {
      ...smallSql,
      'visits_clean.sql': 'SELECT _row, id,\n  coalesce(at, now()) AS at, minutes\nFROM visits',
    };
    const change = (draft: Draft) => {
      draft.tables.visits_clean.reads.visits = {
        use: 'rows',
        keep: { past: 'at < current_timestamp()' },
        quarantine: { lucky: 'rand() > 0.1' },
      } as never;
    };
    const issues = compile(changed(change), sql, place).issues;
    expect(issues.map(({ code, path }) => [code, path])).toEqual([
      ['MR145', 'pipelines/small/visits_clean.sql:2:16'],
      ['MR145', `${place}  tables.visits_clean.reads.visits.past`],
      ['MR145', `${place}  tables.visits_clean.reads.visits.lucky`],
    ]);
    expect(issues[0]!.message).toContain('now has a different value in each run');
    expect(issues[0]!.hint).toContain('as_of');
    expect(issues[2]!.hint).toContain('xxhash64');
  });

  test('is allowed in an expectation, which changes no row', () => {
    const change = (draft: Draft) => {
      draft.tables.visits_clean.expect = { fresh: 'max(at) < now()' } as never;
    };
    expect(compile(changed(change), smallSql, place).issues).toEqual([]);
    expect(compile(small, smallSql, place).issues).toEqual([]);
  });
});
