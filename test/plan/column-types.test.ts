import { describe, expect, test } from 'vitest';
import { csv } from '../../lib/definition/formats/csv.ts';
import { compile } from '../../lib/plan/compile.ts';
import type { IngestTask, TransformTask } from '../../lib/plan/schema.ts';
import { changed, type Draft, small, smallSql } from './pipelines.ts';

const place = 'pipelines/small/pipeline.ts';
const compiled = (change: (d: Draft) => void) => compile(changed(change), smallSql, place);
const issuesOf = (change: (d: Draft) => void) => compiled(change).issues;
const ingest = (change: (d: Draft) => void, name: string) =>
  compiled(change).plan!.tasks.find((task): task is IngestTask => task.name === name)!;
const townType = (type: string) => (d: Draft) => {
  d['sources'].towns.columns.size = type;
};

describe('types of columns', () => {
  test('decimals and nested types are written without blanks in the plan', () => {
    const types = {
      ' decimal(38,10)?': 'decimal(38,10)',
      'decimal(10, 2)': 'decimal(10,2)',
      binary: 'binary',
      'array< struct<a: int, b: map<string, decimal(3, 1)>> >?': 'array<struct<a:int,b:map<string,decimal(3,1)>>>',
    };
    for (const [spec, type] of Object.entries(types)) {
      const task = ingest((d) => {
        d['sources'].towns.columns.more = spec;
      }, 'towns');
      expect(task.columns.at(-1)).toEqual({ name: 'more', type, nullable: spec.endsWith('?') });
    }
  });

  test.each([
    ['decimal', 'a decimal needs precision and scale: decimal(10,2)'],
    ['decimal(39,2)', 'a decimal has 1 to 38 digits, not 39'],
    ['decimal(2,3)?', 'a decimal of 2 digits cannot have 3 after the point'],
    ['array', 'array needs element types: array<string>, map<string,double>, struct<city:string>'],
    ['array<sting>', '"sting" is not a type'],
    ['array<int,int>', 'an array has one element type, not 2'],
    ['map<string>', 'a map needs a key type and a value type: map<string,double>'],
    ['map<array<int>,int>', 'map keys cannot be nested'],
    ['struct<city string>', '"city string" is not a valid struct field such as city:string'],
    ['struct<a:int,A:int>', 'the field "A" occurs twice'],
    ['struct<a:struct<>>', '"" is not a valid struct field such as city:string'],
    ['array<int', 'array needs element types: array<string>, map<string,double>, struct<city:string>'],
    ['array<int?>', '"int?" is not a type'],
  ])('%s is refused with what is wrong in it', (type, why) => {
    expect(issuesOf(townType(type))).toEqual([
      {
        code: 'MR100',
        path: `${place}  sources.towns.columns.size`,
        message: `"${type}" is not a column type: ${why}`,
        hint: expect.stringMatching(/string/),
      },
    ]);
  });

  test('a wrong type of a csv column also has its place', () => {
    const issues = issuesOf((d) => {
      d['sources'].people.columns = { id: 'string', born: 'dat' };
    });
    expect(issues).toMatchObject([
      { code: 'MR100', path: `${place}  sources.people.columns.born`, hint: expect.stringMatching(/^date /) },
    ]);
  });

  test('a csv has no nested or binary columns', () => {
    const issues = issuesOf((d) => {
      d['sources'].people.columns = { id: 'string', town: 'array<string>', born: 'binary?' };
    });
    expect(issues.map(({ code, path }) => [code, path])).toEqual([
      ['MR152', `${place}  sources.people.columns.town`],
      ['MR152', `${place}  sources.people.columns.born`],
    ]);
  });

  test('a key and the columns that order its rows have plain types', () => {
    const issues = issuesOf((d) => {
      d['tables'].people_clean.columns.born = 'struct<day:date>?';
      d['tables'].people_clean.columns.id = 'binary';
    });
    expect(issues.map(({ code, path }) => [code, path])).toEqual([
      ['MR151', `${place}  tables.people_clean.key`],
      ['MR151', `${place}  tables.people_clean.latestBy`],
    ]);
  });

  test('a feature may be a decimal, but not nested', () => {
    const features = (type: string) => (d: Draft) => {
      d['tables'].people_features.columns.size = type;
    };
    expect(issuesOf(features('array<int>?'))).toMatchObject([
      {
        code: 'MR150',
        path: `${place}  models.stays.label`,
        message: expect.stringContaining('"size" is array<int>'),
      },
    ]);
    expect(issuesOf(features('decimal(10,2)?'))).toEqual([]);
  });

  test('a regression predicts numbers only', () => {
    const label = (type: string) =>
      issuesOf((d) => {
        d['tables'].people_features.columns.size = type;
        Object.assign(d['models'].stays, { objective: 'regression' });
      });
    for (const type of ['int?', 'bigint', 'double?', 'boolean', 'decimal(12,2)?']) expect(label(type)).toEqual([]);
    for (const type of ['string?', 'date', 'timestamp']) {
      expect(label(type)).toMatchObject([
        {
          code: 'MR150',
          path: `${place}  models.stays.label`,
          message: `the label "size" is ${type.replace('?', '')}, which the objective "regression" does not predict`,
        },
      ]);
    }
  });

  test('a table keeps the type of its contract', () => {
    const { plan } = compiled((d) => {
      d['tables'].people_clean.columns.size = 'decimal(20, 0)?';
    });
    const task = plan!.tasks.find((each): each is TransformTask => each.name === 'people_clean')!;
    expect(task.columns).toContainEqual({ name: 'size', type: 'decimal(20,0)', nullable: true });
  });
});

describe('options of a source', () => {
  test('a csv has options for its dialect, and the plan has defaults for the others', () => {
    const task = ingest((d) => {
      Object.assign(d['sources'].people, { delimiter: ';', quoting: 'lenient', header: 2, decimal: ',' });
      d['sources'].people.columns = { id: 'string', town: 'string?', born: 'double?' };
    }, 'people');
    const defaults = { format: 'csv', ...csv.defaults };
    expect(task.source).toEqual({ ...defaults, delimiter: ';', quoting: 'lenient', header: 2, decimal: ',' });
    const plain = ingest(() => undefined, 'people');
    expect(plain.source).toEqual(defaults);
    const said = ingest((d) => Object.assign(d['sources'].people, { quote: '"', skip: 0 }), 'people');
    expect(said).toEqual(plain);
  });

  test('fingerprints are those of lakes from before source formats were records, so that nothing is read again', () => {
    const people = ingest((d) => {
      const options = { quoting: 'lenient', header: 2, decimal: ',', mayLack: ['born'], headers: { id: 'ID' } };
      Object.assign(d['sources'].people, { delimiter: ';', ...options, partitions: { dt: 'date' } });
      d['sources'].people.columns = { id: 'string', town: 'string?', born: 'double?' };
    }, 'people');
    expect(people.fingerprint.value).toMatch(/^eb7a6ffb6fd40d3f/);
    const lines = ingest((d) => {
      d['sources'].lines = { format: 'text', path: 'lines/*.log', columns: ['line'], encoding: 'latin-1' };
    }, 'lines');
    expect(lines.fingerprint.value).toMatch(/^ea007a8588590bb5/);
  });

  test.each([
    [{ escape: '"' }, 'escape', 'escape and quote are the same sign, "\\""'],
    [{ comment: ',' }, 'comment', 'comment and delimiter are the same sign, ","'],
    [{ quoting: 'none', quote: "'" }, 'quote', "quoting: 'none' has no quote"],
    [{ header: 0, headers: { id: 'ID' } }, 'headers', 'a file without a header has no column names to map'],
    [{ header: 0, mayLack: ['born'] }, 'mayLack', 'without a header, every file must have all columns'],
    [{ decimal: ',' }, 'decimal', 'columns without types are strings, so numbers are not parsed'],
    [
      { columns: { id: 'string', town: 'string', born: 'double' }, thousands: '.' },
      'thousands',
      'decimal and thousands are the same sign, "."',
    ],
  ])('%j contradicts itself', (options, at, message) => {
    const issues = issuesOf((d) => Object.assign(d['sources'].people, options));
    expect(issues).toEqual([
      { code: 'MR154', path: `${place}  sources.people.${at}`, message, hint: expect.any(String) },
    ]);
  });

  test('an access log has the types of its fields, and only the fields of its layout', () => {
    const access = { format: 'access-log', path: 'access/*.log' };
    const columns = ['time', 'status', 'bytes', 'agent'];
    const task = ingest((d) => Object.assign(d['sources'], { access: { ...access, columns } }), 'access');
    expect(task).toMatchObject({
      source: { format: 'access-log', layout: 'combined' },
      columns: [
        { name: 'time', type: 'timestamp', nullable: false },
        { name: 'status', type: 'int', nullable: false },
        { name: 'bytes', type: 'bigint', nullable: true },
        { name: 'agent', type: 'string', nullable: true },
      ],
    });
    const issues = (more: object) => issuesOf((d) => Object.assign(d['sources'], { access: { ...access, ...more } }));
    expect(issues({ columns, layout: 'common' })).toMatchObject([
      { code: 'MR154', path: `${place}  sources.access.columns`, message: expect.stringContaining('no agent') },
    ]);
    expect(issues({ columns: ['stauts'] })).toMatchObject([{ code: 'MR100', hint: expect.stringMatching(/status/) }]);
    expect(issues({ columns: ['host', 'host'] })).toMatchObject([{ code: 'MR143' }]);
    expect(issues({ columns: ['host'], headers: { host: 'h' } })).toMatchObject([{ code: 'MR100' }]);
  });

  test('a separator is one ASCII character, and may be a control character', () => {
    const delimited = (delimiter: string) => issuesOf((d) => Object.assign(d['sources'].people, { delimiter }));
    expect(delimited('\u0001')).toEqual([]);
    for (const delimiter of ['||', '', '§', '\n']) expect(delimited(delimiter)).toMatchObject([{ code: 'MR100' }]);
  });

  test('headers map the columns of every format', () => {
    for (const source of ['visits', 'towns']) {
      const [column] = Object.keys(small.sources[source as 'visits' | 'towns'].columns);
      const task = ingest((d) => {
        d['sources'][source].headers = { [column!]: '@id' };
      }, source);
      expect(task.source).toMatchObject({ headers: { [column!]: '@id' } });
    }
    expect(
      issuesOf((d) => {
        d['sources'].towns.headers = { twn: '_id' };
      }),
    ).toMatchObject([{ code: 'MR103', path: `${place}  sources.towns.headers` }]);
  });

  test('only a nullable column may be missing from a file', () => {
    const lacking = (column: string) => (d: Draft) => {
      d['sources'].towns.mayLack = [column];
    };
    expect(ingest(lacking('size'), 'towns').source).toMatchObject({ mayLack: ['size'] });
    expect(issuesOf(lacking('town'))).toMatchObject([{ code: 'MR153', hint: "'string?'" }]);
    expect(issuesOf(lacking('sise'))).toMatchObject([{ code: 'MR103', hint: expect.stringMatching(/^size/) }]);
  });
});
