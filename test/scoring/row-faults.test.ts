import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { modelSchema } from '../../lib/documents/model.ts';
import { projectFolder } from '../../lib/local/root.ts';
import type { ColumnType } from '../../lib/plan/schema.ts';
import { faultsOf, tableFaults } from '../../lib/scoring/row-faults.ts';

const file = path.join(projectFolder, 'contracts', 'golden', 'model.json');
const model = modelSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
const types = new Map<string, ColumnType>([
  ['tenure', 'int'],
  ['charge', 'double'],
  ['plan', 'string'],
  ['paperless', 'boolean'],
  ['joined', 'date'],
  ['seen', 'timestamp'],
]);
const good = {
  tenure: 3,
  charge: 80.5,
  plan: 'basic',
  paperless: true,
  joined: '2020-05-06',
  seen: '2021-01-01T08:00:00Z',
};
const faults = (row: Record<string, unknown>, others: string[] = []) =>
  faultsOf(model, row, { types, others }, 'row 1').map(({ path: at, message, hint }) => ({ at, message, hint }));

describe('a row to score', () => {
  test.each([
    ['with all features', good],
    ['with key and label beside them', { ...good, id: 'a', label: null }],
    ['with nulls, which are said on purpose', Object.fromEntries(Object.keys(good).map((name) => [name, null]))],
    ['with NaN, a bigint, and 0 for false', { ...good, charge: Number.NaN, tenure: 3n, paperless: 0 }],
    ['with a category that was never seen', { ...good, plan: 'gold' }],
    ['with times as dates', { ...good, joined: new Date('2020-05-06'), seen: '2021-01-01' }],
  ])('is taken %s', (_, row) => {
    expect(faults(row)).toEqual([]);
  });

  test('with missing features gives one fault that names them all', () => {
    const { plan: _, seen: __, ...rest } = good;
    expect(faults(rest)).toEqual([
      { at: 'row 1', message: '2 features are missing: plan, seen', hint: expect.stringContaining('--lenient') },
    ]);
    expect(faults({ id: 'a' })[0]!.message).toContain('6 features are missing');
  });

  test('a misspelt feature is named with the correct name', () => {
    const { tenure, ...rest } = good;
    expect(faults({ ...rest, tenur: tenure })).toEqual([
      { at: 'row 1  tenur', message: 'the model has no feature "tenur"', hint: expect.stringMatching(/^tenure /) },
      { at: 'row 1', message: 'a feature is missing: tenure', hint: expect.anything() },
    ]);
    // Properties of Object are not features.
    const odd = JSON.parse('{"__proto__": 1, "constructor": 2}') as Record<string, unknown>;
    expect(faults({ ...good, ...odd, toString: 1 }).length).toBeGreaterThanOrEqual(2);
  });

  test('a column that training left out as constant is accepted', () => {
    expect(faults({ ...good, country: 'PT' })).toHaveLength(1);
    expect(faults({ ...good, country: 'PT' }, ['country'])).toEqual([]);
  });

  test.each([
    [{ charge: 'abc' }, 'charge is "abc", but must be a number'],
    [{ charge: '80.5' }, 'charge is "80.5", but must be a number'],
    [{ tenure: true }, 'tenure is true, but must be a number'],
    [{ tenure: [3] }, 'tenure is [3], but must be a number'],
    [{ plan: 3 }, 'plan is 3, but must be a text'],
    [{ paperless: 'yes' }, 'paperless is "yes", but must be true or false'],
    [{ paperless: 2 }, 'paperless is 2, but must be true or false'],
    [{ joined: 18_000 }, 'joined is 18000, but must be a date such as 2025-06-30'],
    [{ joined: '06/05/2020' }, 'joined is "06/05/2020", but must be a date such as 2025-06-30'],
    [{ joined: '2020-13-06' }, 'joined is "2020-13-06", but must be a date such as 2025-06-30'],
    [{ seen: 'soon' }, 'seen is "soon", but must be a timestamp such as 2025-06-30T12:00:00Z'],
  ])('with %o is refused', (wrong, message) => {
    expect(faults({ ...good, ...wrong })).toMatchObject([{ message }]);
  });

  test('long names and values are truncated in messages', () => {
    const said = faults({ ...good, [`x${'y'.repeat(100_000)}`]: 1, charge: 'z'.repeat(100_000) });
    for (const { at, message, hint } of said) expect(`${at}${message}${hint}`.length).toBeLessThan(400);
  });
});

describe('a feature table', () => {
  const names = [...types.keys(), 'id', '_row'];
  const found = (columns: ReadonlyMap<string, ColumnType>, of = names) =>
    tableFaults(model, of, columns, 'customers').map(({ code, message }) => [code, message]);
  const version = `v${model.model_version} of ${model.name}`;

  test('with all columns that the model was trained on is accepted', () => {
    expect(found(types)).toEqual([]);
    expect(found(new Map([...types, ['tenure', 'decimal(10,2)']]))).toEqual([]);
  });

  test('that lacks a feature, or has it with a type that the model cannot read, is refused', () => {
    const others = names.filter((name) => name !== 'plan');
    expect(found(types, others)).toEqual([
      ['MR137', `${version} needs the feature plan, which customers does not have`],
    ]);
    expect(found(new Map([...types, ['plan', 'int'], ['charge', 'string']])).sort()).toEqual([
      ['MR137', `${version} learned charge as a number, and customers has it as string`],
      ['MR137', `${version} learned plan as text, and customers has it as int`],
    ]);
  });
});
