import { describe, expect, test } from 'vitest';
import type { AnyDefinition } from '../../lib/definition/index.ts';
import { compile } from '../../lib/plan/compile.ts';
import { incrementalIssues } from '../../lib/plan/incremental.ts';
import type { Read, Rule } from '../../lib/plan/schema.ts';
import { changed, type Draft, small, smallSql } from './pipelines.ts';

/** Incremental tables that `check` refuses, because their rows would differ from those of a full run. */

const place = 'pipelines/small/pipeline.ts';
const nothing = () => undefined;
const issues = (file: string, text: string, change: (draft: Draft) => void = nothing) =>
  compile(changed(change), { ...smallSql, [file]: text }, place).issues;

const people = (select: string, change?: (draft: Draft) => void) => issues('people_clean.sql', select, change);
const features = (select: string) => issues('people_features.sql', select);
const counted = 'coalesce(v.n, 0) AS _rows_visits_clean, p.size, coalesce(v.n, 0) AS visits';
const counts = 'SELECT id, count(*) AS n FROM visits_clean GROUP BY id';
const rest = 'town, try_cast(born AS DATE) AS born, CAST(NULL AS BIGINT) AS size';
/** A table that is not read is an issue. */
const towns = 'LEFT JOIN towns t ON t.town = p.town';

describe('the key of the output must be the changed key', () => {
  test.each([
    ['itself', `SELECT p._row, p.id, p.${rest.replace('town', 'town')} FROM people p ${towns}`],
    ['trim of it', `SELECT p._row, trim(p.id) AS id, p.${rest} FROM people p ${towns}`],
    ['trim of trim, in brackets', `SELECT p._row, (trim(trim(p.id))) AS id, p.${rest} FROM people p ${towns}`],
    [
      'by a WITH under other names',
      `WITH w (a, b, c, d) AS (SELECT _row, trim(id), town, born FROM people)
      SELECT p.a AS _row, trim(p.b) AS id, p.c AS town, try_cast(p.d AS DATE) AS born, t.size FROM w p LEFT JOIN towns t ON t.town = p.c`,
    ],
    [
      'by a star',
      `WITH w AS (SELECT * FROM people) SELECT p._row, p.id, p.${rest} FROM (SELECT w.* FROM w) p ${towns}`,
    ],
    [
      'by a union of it and trim of it',
      `WITH w AS (SELECT _row, id, town, born FROM people UNION ALL SELECT _row, trim(id), town, born FROM people)
      SELECT p._row, p.id, p.${rest} FROM w p ${towns}`,
    ],
    [
      'numbered within it',
      `SELECT p._row, p.id, p.town, row_number() OVER (PARTITION BY trim(p.id) ORDER BY p.born) AS size, try_cast(p.born AS DATE) AS born FROM people p ${towns}`,
    ],
  ])('%s', (_, sql) => {
    expect(people(sql)).toEqual([]);
  });

  test.each([
    ['lower(trim(id))', 'lower(trim(p.id))'],
    ['a cast', 'CAST(p.id AS STRING)'],
    ['ltrim', 'ltrim(p.id)'],
    ['trim of something else than blanks', "trim(BOTH 'x' FROM p.id)"],
    ['trim of one side', 'trim(LEADING FROM p.id)'],
    ['another column', 'p.town'],
    ['a value for null', "coalesce(p.id, 'nobody')"],
    ['a constant', "'a'"],
    ['what a lookup has', 't.town'],
  ])('%s is refused', (_, key) => {
    const [issue] = people(
      `SELECT p._row, ${key} AS id, p.town, try_cast(p.born AS DATE) AS born, t.size FROM people p ${towns}`,
    );
    expect(issue).toMatchObject({ code: 'MR107', path: expect.stringContaining('people_clean.sql') as string });
    expect(issue!.hint).toContain('trim(id) AS id');
  });

  test('in each branch of a union', () => {
    const [issue] =
      people(`WITH w AS (SELECT _row, id, town, born FROM people UNION ALL SELECT _row, lower(id), town, born FROM people)
      SELECT p._row, p.id, p.${rest} FROM w p ${towns}`);
    expect(issue).toMatchObject({ code: 'MR107' });
  });

  test('and never null: not from the optional side of an outer join', () => {
    expect(
      features(`WITH v AS (${counts}) SELECT p._row, v.id, ${counted} FROM people_clean p LEFT JOIN v ON v.id = p.id`),
    ).toMatchObject([{ code: 'MR107' }]);
    expect(
      features(
        `WITH v AS (${counts}) SELECT p._row, coalesce(p.id, v.id) AS id, ${counted} FROM people_clean p FULL JOIN v ON v.id = p.id`,
      ),
    ).toEqual([]);
  });
});

describe('rows of one key must not depend on rows of another', () => {
  test.each([
    [
      'a join on another column',
      `WITH v AS (SELECT CAST(minutes AS STRING) AS m, id, count(*) AS n FROM visits_clean GROUP BY 1, id)
      SELECT p._row, p.id, ${counted} FROM people_clean p LEFT JOIN v ON v.m = p.town`,
      /not joined on the key/,
    ],
    [
      'a cross join',
      `WITH v AS (${counts}) SELECT p._row, p.id, ${counted} FROM people_clean p, v`,
      /not joined on the key/,
    ],
    [
      'a join on "or"',
      `WITH v AS (${counts}) SELECT p._row, p.id, ${counted} FROM people_clean p JOIN v ON v.id = p.id OR v.n = 1`,
      /not joined/,
    ],
    [
      'a sum over all',
      `WITH v AS (SELECT max(id) AS id, count(*) AS n FROM visits_clean) SELECT p._row, p.id, ${counted} FROM people_clean p LEFT JOIN v ON v.id = p.id`,
      /not joined on the key/,
    ],
    [
      'groups of another column',
      `WITH v AS (SELECT at, max(id) AS id, count(*) AS n FROM visits_clean GROUP BY at) SELECT p._row, p.id, ${counted} FROM people_clean p LEFT JOIN v ON v.id = p.id`,
      /GROUP BY/,
    ],
    [
      'groups of several keys',
      `WITH v AS (SELECT id, count(*) AS n FROM visits_clean GROUP BY id WITH ROLLUP) SELECT p._row, p.id, ${counted} FROM people_clean p LEFT JOIN v ON v.id = p.id`,
      /GROUP BY/,
    ],
    [
      'a window over all',
      `WITH v AS (${counts}) SELECT p._row, p.id, coalesce(v.n, 0) AS _rows_visits_clean, count(*) OVER () AS size, 1 AS visits FROM people_clean p LEFT JOIN v ON v.id = p.id`,
      /window/,
    ],
    [
      'a window with a name',
      `WITH v AS (${counts}) SELECT p._row, p.id, coalesce(v.n, 0) AS _rows_visits_clean, count(*) OVER w AS size, 1 AS visits FROM people_clean p LEFT JOIN v ON v.id = p.id WINDOW w AS (PARTITION BY p.town)`,
      /window/,
    ],
    [
      'a query in SELECT',
      `WITH v AS (${counts}) SELECT p._row, p.id, coalesce(v.n, 0) AS _rows_visits_clean, (SELECT max(n) FROM v) AS size, 1 AS visits FROM people_clean p LEFT JOIN v ON v.id = p.id`,
      /query inside/,
    ],
    [
      'a query in WHERE',
      `WITH v AS (${counts}) SELECT p._row, p.id, ${counted} FROM people_clean p LEFT JOIN v ON v.id = p.id WHERE p.id IN (SELECT id FROM visits_clean)`,
      /query inside/,
    ],
    [
      'a query in ON',
      `WITH v AS (${counts}) SELECT p._row, p.id, ${counted} FROM people_clean p LEFT JOIN v ON v.id = p.id AND EXISTS (SELECT 1 FROM visits_clean)`,
      /query inside/,
    ],
    [
      'LIMIT',
      `WITH v AS (SELECT id, 1 AS n FROM visits_clean ORDER BY at LIMIT 10) SELECT p._row, p.id, ${counted} FROM people_clean p LEFT JOIN v ON v.id = p.id`,
      /LIMIT/,
    ],
  ])('%s is refused', (_, sql, message) => {
    const found = features(sql);
    expect(found).toMatchObject([
      { code: 'MR107', path: expect.stringMatching(/people_features\.sql:\d+:\d+/) as string },
    ]);
    expect(found[0]!.message).toMatch(message);
  });

  test('a join that keeps every row of a lookup is refused', () => {
    expect(people(`SELECT p._row, p.id, p.${rest} FROM towns t LEFT JOIN people p ON t.town = p.town`)).toMatchObject([
      { code: 'MR107', message: expect.stringContaining('keeps every row of "t"') as string },
    ]);
    expect(people(`SELECT p._row, p.id, p.${rest} FROM towns t RIGHT JOIN people p ON t.town = p.town`)).toEqual([]);
  });

  test('a table that appends has no window and no groups', () => {
    expect(
      issues(
        'visits_clean.sql',
        'SELECT _row, id, at, CAST(row_number() OVER (PARTITION BY id ORDER BY at) AS DOUBLE) AS minutes FROM visits',
      ),
    ).toMatchObject([{ code: 'MR107' }]);
    expect(
      issues(
        'visits_clean.sql',
        'SELECT _row, id, max(at) AS at, max(minutes) AS minutes FROM visits GROUP BY _row, id',
      ),
    ).toMatchObject([{ code: 'MR107' }]);
  });
});

describe('the definition of an incremental table', () => {
  const of = (change: (draft: Draft) => void) => compile(changed(change), smallSql, place).issues;

  test('a key that may be null is refused, whatever the scope', () => {
    const [issue] = of((d) => {
      d['tables'].visits_clean.reads.visits.scope = 'all';
      d['tables'].visits_clean.columns.id = 'string?';
      d['tables'].visits_clean.key = ['id'];
    });
    expect(issue).toMatchObject({
      code: 'MR107',
      path: `${place}  tables.visits_clean.columns.id`,
      hint: expect.stringContaining("'string'") as string,
    });
  });

  test('a key of two types is refused', () => {
    const [issue] = of((d) => {
      d['tables'].people_clean.columns.id = 'bigint';
    });
    expect(issue).toMatchObject({
      code: 'MR107',
      message: expect.stringContaining('bigint in "people_clean" and string in "people"') as string,
    });
  });

  test('all consumed tables have one scope', () => {
    const [issue] = of((d) => {
      d['tables'].people_features.reads.visits_clean.scope = 'all';
    });
    expect(issue).toMatchObject({ code: 'MR107', message: expect.stringContaining('mixes the scopes') as string });
    expect(
      of((d) => {
        d['tables'].people_clean.reads.towns.scope = 'new';
      })[0],
    ).toMatchObject({ code: 'MR107' });
  });

  test('a rule looks up the key, or reads a whole table', () => {
    const known = (rule: object) =>
      of((d) => {
        d['tables'].people_features.reads.visits_clean.keep.known = rule;
      });
    expect(known({ column: 'id', isIn: 'people_clean' })).toEqual([]);
    expect(known('id IN (SELECT id FROM people_clean)' as unknown as object)).toMatchObject([
      { code: 'MR107', message: expect.stringContaining('contains a query') as string },
    ]);
  });

  test('a rule that looks up another column than the key is refused', () => {
    const read = (table: string, keep: Rule[] = []): Read => ({
      table,
      use: 'rows',
      scope: { affected: 'k' },
      keep,
      quarantine: [],
    });
    const columns = ['k', 'town'].map((name) => ({ name, type: 'string' as const, nullable: false }));
    const table = {
      name: 'x',
      columns,
      place,
      sql: 'SELECT _row, k, town FROM a UNION ALL SELECT _row, k, town FROM b',
      file: 'x.sql',
    };
    const upstream = ['a', 'b'].map((name) => ({ name, columns }));
    const by = (column: string) =>
      incrementalIssues(table, [read('a', [{ name: 'known', column, isIn: 'b' }]), read('b')], upstream);
    expect(by('k')).toEqual([]);
    expect(by('town')).toMatchObject([
      { code: 'MR107', path: `${place}  tables.x.reads.a`, hint: expect.stringContaining('look up "k"') as string },
    ]);
  });

  test('the small pipeline compiles without issues', () => {
    expect(compile(small as unknown as AnyDefinition, smallSql, place).issues).toEqual([]);
  });
});
