import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyDefinition } from '../../lib/definition/index.ts';
import { canonicalJson } from '../../lib/plan/canonical-json.ts';
import { compile } from '../../lib/plan/compile.ts';
import { changed, type Draft, small, smallSql } from './pipelines.ts';

const place = 'pipelines/small/pipeline.ts';
const issuesOf = (definition: AnyDefinition, sql = smallSql) => compile(definition, sql, place).issues;
const withSql = (file: string, text: string) => ({ ...smallSql, [file]: text });

describe('compile', () => {
  test('orders tasks after their inputs', () => {
    const { plan, issues } = compile(small as unknown as AnyDefinition, smallSql, place);
    expect(issues).toEqual([]);
    const names = plan!.tasks.map((task) => task.name);
    for (const task of plan!.tasks) {
      for (const upstream of task.upstream) expect(names.indexOf(upstream)).toBeLessThan(names.indexOf(task.name));
    }
    expect(plan!.stages.map((stage) => stage.name)).toEqual(['build', 'predict']);
  });

  test('is byte-identical for the same definition', () => {
    const once = () => canonicalJson(compile(small as unknown as AnyDefinition, smallSql, place).plan);
    expect(once()).toBe(once());
  });

  test('puts the lineage of each column into the plan', () => {
    const task = compile(small as unknown as AnyDefinition, smallSql, place).plan!.tasks.find(
      (t) => t.name === 'people_clean',
    );
    expect(task).toMatchObject({ lineage: { id: ['people.id'], size: ['towns.size'], born: ['people.born'] } });
  });

  test('places stages as defined, by default on Glue, and a move recomputes nothing', () => {
    const compiled = (compute: object) =>
      compile(
        changed((d) => Object.assign(d, { compute })),
        smallSql,
        place,
      ).plan!;
    const computes = (compute: object) => compiled(compute).stages.map((stage) => stage.compute);
    expect(computes({})).toEqual(['glue', 'glue']);
    expect(computes({ build: 'emr' })).toEqual(['emr', 'glue']);
    expect(computes({ build: 'emr', predict: 'emr-serverless' })).toEqual(['emr', 'emr-serverless']);
    expect(compiled({ build: 'emr' }).tasks).toEqual(compiled({}).tasks);
  });

  test('names tables in the lineage and never an alias, even behind a CTE that the parser does not follow', () => {
    const task = compile(small as unknown as AnyDefinition, smallSql, place).plan!.tasks.find(
      (t) => t.name === 'people_features',
    );
    expect(task).toMatchObject({ lineage: { size: ['people_clean.size'], visits: [] } });
    const everything = JSON.stringify(compile(small as unknown as AnyDefinition, smallSql, place).plan);
    expect(everything).not.toMatch(/"v\./);
  });

  test('finds the parameters in SQL and in rules', () => {
    const task = compile(small as unknown as AnyDefinition, smallSql, place).plan!.tasks.find(
      (t) => t.name === 'people_features',
    );
    expect(task).toMatchObject({ parameters: ['as_of'] });
  });
});

describe('a faulty definition has issues with code, place and the nearest name:', () => {
  test('a value of a wrong form, with the value and the valid ones', () => {
    const draft = (change: (d: Draft) => void) => issuesOf(changed(change));
    const columns = draft((d) => {
      d['tables'].people_clean.columns.size = 'bigit';
    });
    expect(columns).toMatchObject([
      {
        code: 'MR100',
        path: `${place}  tables.people_clean.columns.size`,
        message: '"bigit" is not a column type',
        hint: expect.stringMatching(/^bigint {3}\(known: string, boolean, int, bigint, double/),
      },
    ]);
    const option = draft((d) => {
      d['sources'].people.headres = {};
    });
    expect(option).toMatchObject([
      {
        path: `${place}  sources.people`,
        message: '"headres" is not an option here',
        hint: expect.stringMatching(/^headers /),
      },
    ]);
    const scope = draft((d) => {
      d['tables'].people_clean.reads.people.scope = 'some';
    });
    expect(scope).toMatchObject([
      {
        path: `${place}  tables.people_clean.reads.people.scope`,
        message: '"some" is not allowed here',
        hint: '"all", "new", or an object',
      },
    ]);
    const severity = draft((d) => {
      d['tables'].people_clean.expect = { some: { sql: 'true', severity: 'wran' } };
    });
    expect(severity).toMatchObject([
      { path: `${place}  tables.people_clean.expect.some.severity`, hint: expect.stringMatching(/^warn /) },
    ]);
    const format = draft((d) => {
      d['sources'].people.format = 'cvs';
    });
    expect(format).toMatchObject([{ path: `${place}  sources.people.format`, hint: expect.stringMatching(/^csv /) }]);
    const missing = draft((d) => {
      delete d['sources'].people.path;
    });
    expect(missing).toMatchObject([{ path: `${place}  sources.people.path`, message: '"path" is missing' }]);
    for (const nothing of [5, null, [], 'text'] as unknown as AnyDefinition[])
      expect(issuesOf(nothing)).toMatchObject([{ code: 'MR100', path: place }]);
  });

  test('columns whose names SQL does not distinguish: in csv, json, tables, and in predictions with their key', () => {
    const draft = (change: (d: Draft) => void) => issuesOf(changed(change));
    const cases = [
      draft((d) => d['sources'].people.columns.push('ID')),
      draft((d) => {
        d['sources'].visits.columns.ID = 'string';
      }),
      draft((d) => {
        d['tables'].visits_clean.columns.At = 'timestamp';
      }),
      draft((d) => d['sources'].people.columns.push('id')),
    ];
    for (const issues of cases)
      expect(issues).toMatchObject([{ code: 'MR143', path: expect.stringContaining('columns') }]);
    const mapped = draft((d) => {
      d['sources'].people.columns.push('id_2', 'id_3');
      d['sources'].people.headers = { id_2: 'ID', id_3: 'ID' };
    });
    expect(mapped).toMatchObject([{ code: 'MR143', path: `${place}  sources.people.headers` }]);
    const found = draft((d) => {
      d['sources'].people.columns.push('id_2');
      d['sources'].people.headers = { id_2: 'ID' };
    });
    expect(found).toEqual([]);
    const predictions = draft((d) => {
      d['tables'].people_features.columns.Score = 'string';
      d['tables'].people_features.key = ['id', 'Score'];
    });
    expect(predictions).toMatchObject([{ code: 'MR143', path: `${place}  models.stays.predictions` }]);
  });

  test('a parameter default of a wrong type', () => {
    const issues = issuesOf(
      changed((d) => {
        d['parameters'] = { as_of: { type: 'date', default: '2025-02-30' } };
      }),
    );
    expect(issues).toMatchObject([{ code: 'MR144', path: `${place}  parameters.as_of.default` }]);
  });

  test('compute for a stage that the pipeline lacks, and an unknown compute', () => {
    const unscored = changed((d) => {
      delete d['models'];
      d['compute'] = { predict: 'emr' };
    });
    expect(issuesOf(unscored)).toMatchObject([
      { code: 'MR731', path: `${place}  compute.predict`, hint: 'remove it   (stages: build)' },
    ]);
    const elsewhere = changed((d) => {
      d['compute'] = { build: 'kubernetes' };
    });
    expect(issuesOf(elsewhere)).toMatchObject([{ code: 'MR100', path: `${place}  compute.build` }]);
  });

  test('a read of an unknown table', () => {
    const issues = issuesOf(
      changed((d) => {
        d['tables'].people_clean.reads = { peple: { use: 'rows' } };
      }),
    );
    expect(issues[0]).toMatchObject({ code: 'MR104', path: `${place}  tables.people_clean.reads` });
    expect(issues[0]!.hint).toMatch(/^people /);
  });

  test('a key, a label and a feature that are not columns, all together', () => {
    const issues = issuesOf(
      changed((d) => {
        d['tables'].people_clean.key = ['idd'];
        d['models'].stays.label = 'sise';
        d['models'].stays.inputs = ['visit'];
      }),
    );
    expect(issues.filter((issue) => issue.code === 'MR103').map((issue) => issue.message)).toEqual([
      '"idd" is not a column of people_clean',
      '"sise" is not a column of people_features',
      '"visit" is not a column of people_features',
    ]);
  });

  test('tables that read each other in a cycle', () => {
    const issues = issuesOf(
      changed((d) => {
        d['tables'].people_clean.reads.people_features = { use: 'lookup' };
      }),
    );
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({
      code: 'MR105',
      message: expect.stringContaining('people_clean -> people_features'),
    });
  });

  test('a missing SQL file', () => {
    const { 'visits_clean.sql': _, ...rest } = smallSql;
    expect(issuesOf(small as unknown as AnyDefinition, rest)).toMatchObject([
      { code: 'MR106', path: expect.stringContaining('visits_clean') },
    ]);
  });

  test('a name of both a source and a table', () => {
    const issues = issuesOf(
      changed((d) => {
        d['tables'].visits = d['tables'].visits_clean;
        d['tables'].visits.reads = { people: { use: 'rows' } };
      }),
    );
    expect(issues).toMatchObject([{ code: 'MR102' }]);
  });

  test('a value out of range, with its path', () => {
    const issues = issuesOf(
      changed((d) => {
        d['models'].stays.testShare = 1.5;
      }),
    );
    expect(issues).toMatchObject([{ code: 'MR100', path: `${place}  models.stays.testShare` }]);
  });

  test('incremental scopes whose result would differ from a full run', () => {
    const codes = (change: Parameters<typeof changed>[0]) => issuesOf(changed(change)).map((issue) => issue.code);
    const wrong: Parameters<typeof changed>[0][] = [
      (d) => {
        d['tables'].people_clean.key = [];
        d['tables'].people_clean.latestBy = [];
      },
      (d) => {
        d['tables'].visits_clean.key = ['id'];
      },
      (d) => {
        d['tables'].people_features.reads.visits_clean.scope = 'new';
      },
      (d) => {
        d['tables'].people_features.reads.people_clean.scope = { affected: 'size' };
      },
    ];
    for (const change of wrong) expect(codes(change)).toContain('MR107');
  });
});

describe('SQL is analysed before any data is read', () => {
  test.each([
    ['SELECT _row, id, at, minutes\nFORM visits v', '2:6', 'unexpected "visits"', /^FROM instead of FORM$/],
    ['SELECT _row, id FROM visits WHER at', '1:34', 'cannot be parsed', /^WHERE instead of WHER$/],
    ['SELEC id FROM visits', '1:10', 'unexpected "FROM"', /^SELECT instead of SELEC$/],
    ['SELECT count(* FROM visits', '1:16', 'Expected RParen', /^see https:.*select/],
  ])('%s cannot be parsed: the place, what was found there, and one thing to do', (sql, at, what, hint) => {
    expect(issuesOf(small as unknown as AnyDefinition, withSql('visits_clean.sql', sql))).toMatchObject([
      {
        code: 'MR110',
        path: `pipelines/small/visits_clean.sql:${at}`,
        message: expect.stringContaining(what),
        hint: expect.stringMatching(hint),
      },
    ]);
  });

  test('an unknown column has its file, line and column', () => {
    const issues = issuesOf(
      small as unknown as AnyDefinition,
      withSql('visits_clean.sql', 'SELECT _row, id, at,\n  minuts AS minutes\nFROM visits'),
    );
    expect(issues).toMatchObject([{ code: 'MR109', path: 'pipelines/small/visits_clean.sql:2:3' }]);
    expect(issues[0]!.hint).toMatch(/^minutes /);
  });

  test('a column outside the contract, and one that is missing', () => {
    const issues = issuesOf(
      small as unknown as AnyDefinition,
      withSql('visits_clean.sql', 'SELECT _row, id, at,\n  minutes AS minuts\nFROM visits'),
    );
    expect(issues.map((issue) => [issue.code, issue.path])).toEqual([
      ['MR111', 'pipelines/small/visits_clean.sql'],
      ['MR111', 'pipelines/small/visits_clean.sql:2:14'],
    ]);
  });

  test('a transform without the columns for row accounting', () => {
    const without = withSql('visits_clean.sql', 'SELECT id, at, minutes FROM visits');
    expect(issuesOf(small as unknown as AnyDefinition, without)).toMatchObject([
      { code: 'MR113', message: expect.stringContaining('"_row"') },
    ]);
    const uncounted = withSql(
      'people_features.sql',
      smallSql['people_features.sql']!.replace('coalesce(v.n, 0) AS _rows_visits_clean, ', ''),
    );
    expect(issuesOf(small as unknown as AnyDefinition, uncounted)).toMatchObject([
      { code: 'MR113', message: expect.stringContaining('_rows_visits_clean') },
    ]);
  });

  test('invalid syntax, and an unknown parameter', () => {
    expect(issuesOf(small as unknown as AnyDefinition, withSql('visits_clean.sql', 'SELEC 1'))).toMatchObject([
      { code: 'MR110' },
    ]);
    const issues = issuesOf(
      changed((d) => {
        d['tables'].visits_clean.reads.visits.keep = { old: 'at < :as_off' };
      }),
    );
    expect(issues).toMatchObject([{ code: 'MR108', hint: expect.stringMatching(/^as_of /) }]);
  });

  test('a table that is read but not listed, and one that is listed but not read', () => {
    const sneaky = withSql(
      'visits_clean.sql',
      'SELECT v._row, v.id, v.at, v.minutes FROM visits v JOIN towns t ON t.town = v.id',
    );
    expect(issuesOf(small as unknown as AnyDefinition, sneaky)).toMatchObject([{ code: 'MR104' }]);
    const lazy = withSql(
      'people_clean.sql',
      'SELECT _row, id, town, try_cast(born AS DATE) AS born, CAST(NULL AS BIGINT) AS size FROM people',
    );
    expect(issuesOf(small as unknown as AnyDefinition, lazy)).toMatchObject([{ code: 'MR115' }]);
  });
});

describe('fingerprints', () => {
  const prints = (definition: AnyDefinition, sql = smallSql) =>
    Object.fromEntries(compile(definition, sql, place).plan!.tasks.map((task) => [task.name, task.fingerprint.value]));
  const base = prints(small as unknown as AnyDefinition);
  const differing = (other: Record<string, string>) => Object.keys(base).filter((name) => base[name] !== other[name]);

  test('changed SQL changes only its table and those downstream', () => {
    const other = prints(
      small as unknown as AnyDefinition,
      withSql('people_clean.sql', smallSql['people_clean.sql']!.replace('p.town,', 'upper(p.town) AS town,')),
    );
    expect(differing(other)).toEqual(['people_clean', 'people_features', 'train_stays', 'scores']);
  });

  test('comments and white space do not change them', () => {
    const spaced = Object.fromEntries(
      Object.entries(smallSql).map(([file, text]) => [
        file,
        `-- what it does\n${text.replaceAll(' ', '  ')}\n/* end */`,
      ]),
    );
    expect(differing(prints(small as unknown as AnyDefinition, spaced))).toEqual([]);
  });

  test('a string in SQL that differs only in blanks changes them', () => {
    const a = prints(
      small as unknown as AnyDefinition,
      withSql('visits_clean.sql', "SELECT _row, concat('a b', id) AS id, at, minutes FROM visits"),
    );
    const b = prints(
      small as unknown as AnyDefinition,
      withSql('visits_clean.sql', "SELECT _row, concat('a  b', id) AS id, at, minutes FROM visits"),
    );
    expect(a['visits_clean']).not.toBe(b['visits_clean']);
  });
});

test('canonical JSON does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
    }),
  );
});
