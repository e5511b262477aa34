import { describe, expect, test } from 'vitest';
import { definitionSchema } from '../../lib/definition/schema.ts';
import { changed, type Draft, small } from '../plan/pipelines.ts';

/** The small pipeline with another value at a place, such as `sources.people.path`. */
const withValue = (place: string, value: unknown) =>
  changed((draft) => {
    const names = place.split('.');
    const last = names.pop()!;
    const inside = names.reduce((part: Draft, name) => part[name], draft);
    inside[last] = value;
  });

/** `path: message` of each issue. */
function faults(place: string, value: unknown): string[] {
  const { error } = definitionSchema.safeParse(withValue(place, value));
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('a valid definition is returned unchanged, with the objective that a model without one has', () => {
  const stays = { ...small.models!['stays']!, objective: 'binary' };
  expect(definitionSchema.parse(small)).toEqual({ ...small, models: { stays } });
});

describe('names', () => {
  test.each(['Small', '1st', '', 'with-dash', 'with space', `a${'b'.repeat(63)}`])(
    'of pipelines may not be "%s"',
    (name) => {
      expect(faults('name', name)).toEqual(['name: a name is a lower-case letter, then letters, digits or _']);
    },
  );

  test('may have 63 characters', () => {
    expect(faults('name', `a${'b'.repeat(62)}`)).toEqual([]);
  });

  test('of columns may have capitals, but no leading digit or underscore', () => {
    expect(faults('sources.people.columns', ['Id', 'aB_1'])).toEqual([]);
    for (const name of ['_row', '1st', 'a b']) expect(faults('sources.people.columns', [name])).not.toEqual([]);
  });
});

describe('paths of sources', () => {
  test.each(['people/*.csv', 'events/**/*.json', 'a b/x?.csv', 'deep/folder/one.csv'])('may be %s', (path) => {
    expect(faults('sources.people.path', path)).toEqual([]);
  });

  test.each(['*.csv', 'people.csv', '/people/*.csv', '*/a.csv', 'people//a.csv', 'people/./a.csv', 'people/a**.csv'])(
    'may not be %s',
    (path) => {
      expect(faults('sources.people.path', path)[0]).toMatch(/a path is a folder and a pattern/);
    },
  );

  test('stay below the data directory', () => {
    expect(faults('sources.people.path', 'people/../x/*.csv')).toEqual([
      'sources.people.path: a path must stay below the data directory',
    ]);
  });
});

describe('options of a csv', () => {
  const people = (more: object) => faults('sources.people', { ...small.sources.people, ...more });

  test.each([';', '\t', '|', '\u0001'])('may have the delimiter %j', (delimiter) => {
    expect(people({ delimiter })).toEqual([]);
  });

  test.each(['', ';;', '\n', '\r', '\0', 'é'])('may not have the delimiter %j', (delimiter) => {
    expect(people({ delimiter })).toEqual(['sources.people.delimiter: must be one ASCII character']);
  });

  test('take only their own values', () => {
    expect(people({ header: 3, skip: 10_000, decimal: ',', thousands: '.', quoting: 'none' })).toEqual([]);
    for (const wrong of [{ header: 4 }, { skip: -1 }, { decimal: ';' }, { thousands: '_' }, { encoding: 'utf-7' }])
      expect(people(wrong), JSON.stringify(wrong)).not.toEqual([]);
  });

  test('are refused for other formats', () => {
    expect(faults('sources.towns.delimiter', ';')).toHaveLength(1);
    expect(faults('sources.people.stream', {})).toHaveLength(1);
  });
});

describe('numbers', () => {
  const stays = (more: object) => faults('models.stays', { ...small.models?.['stays'], ...more });

  test('of a model are within the limits of training', () => {
    expect(stays({ folds: 2, testShare: 0.01, seed: 0 })).toEqual([]);
    for (const wrong of [{ folds: 1 }, { folds: 21 }, { folds: 2.5 }, { testShare: 0 }, { testShare: 1 }, { seed: -1 }])
      expect(stays(wrong), JSON.stringify(wrong)).toHaveLength(1);
  });

  test('of bounds are shares, or one share for a warning and one for an error', () => {
    const bounds = (quarantined: unknown) => faults('sources.people.bounds', { quarantined });
    expect([0, 1, { warn: 0.1 }, { warn: 0.1, error: 0.5 }, {}].flatMap(bounds)).toEqual([]);
    for (const wrong of [-0.1, 1.1, '5 %', { warn: 2 }, { stop: 0.1 }]) expect(bounds(wrong)).not.toEqual([]);
  });
});

describe('what types cannot check', () => {
  test('an unknown option', () => {
    expect(faults('tables.people_clean.keys', ['id'])[0]).toMatch(/keys/);
  });

  test('a column type, with the wrong word', () => {
    const { error } = definitionSchema.safeParse(withValue('sources.towns.columns.size', 'array<bigit>?'));
    expect(error!.issues).toMatchObject([
      { path: ['sources', 'towns', 'columns', 'size'], message: '"bigit" is not a type', params: { word: 'bigit' } },
    ]);
  });

  test('a table that is not a .sql file, and an unknown stage', () => {
    expect(faults('tables.people_clean.sql', 'SELECT 1')).toEqual([
      'tables.people_clean.sql: must be a .sql file beside the definition',
    ]);
    expect(faults('compute', { serve: 'glue' })).toHaveLength(1);
    expect(faults('compute', { build: 'batch' })).toHaveLength(1);
  });
});
