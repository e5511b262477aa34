import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Model, modelSchema } from '../../lib/documents/model.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { compileModel, predict } from '../../lib/scoring/score.ts';
import { asBinary } from '../learning/binary.ts';

const golden = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(path.join(projectFolder, 'contracts', 'golden', name), 'utf8'));
const model = asBinary(modelSchema.parse(await golden('model.json')));
const vectors = (await golden('vectors.json')) as { row: Record<string, unknown>; score: number }[];

describe('scoring in TypeScript', () => {
  test('agrees with Python to 1e-6 on every golden vector', () => {
    const score = compileModel(model);
    expect(vectors.length).toBeGreaterThanOrEqual(1200);
    expect(vectors.some(({ row }) => row['charge'] === null)).toBe(true);
    expect(vectors.some(({ row }) => row['plan'] === 'gold')).toBe(true);
    const worst = Math.max(...vectors.map(({ row, score: expected }) => Math.abs(score(row) - expected)));
    expect(worst).toBeLessThan(1e-6);
  });

  test('agrees with the library to a millionth of the score if the score has a unit', async () => {
    const expected = (await golden('forest-vectors.json')) as typeof vectors;
    const score = compileModel(modelSchema.parse(await golden('forest.json')));
    expect(expected).toHaveLength(300);
    const worst = Math.max(...expected.map((vector) => Math.abs(score(vector.row) / vector.score - 1)));
    expect(worst).toBeLessThan(1e-6);
  });

  test('scores missing values as Python does: null, NaN, infinity, unknown categories', async () => {
    type Odd = { name: string; row: Record<string, unknown>; score: number };
    const entries = (await golden('missing.json')) as Odd[];
    const score = compileModel(model);
    const value = (x: unknown) => (typeof x === 'object' && x !== null ? Number((x as { float: string }).float) : x);
    for (const { name, row, score: expected } of entries) {
      const read = Object.fromEntries(Object.entries(row).map(([key, x]) => [key, value(x)]));
      expect([name, Math.abs(score(read) - expected) < 1e-6]).toEqual([name, true]);
    }
    expect(entries.length).toBeGreaterThan(8);
  });

  test('accepts numbers and booleans as text, as from a csv or a query string', () => {
    const score = compileModel(model);
    for (const { row } of vectors.slice(0, 200)) {
      const texts = Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v === null ? v : String(v)]));
      expect(score(texts)).toBe(score(row));
    }
  });

  test('gives a probability for any values', () => {
    const score = compileModel(model);
    const value = fc.oneof(
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
      fc.bigInt(),
    );
    const names = model.features.map((feature) => feature.name);
    fc.assert(
      fc.property(fc.array(value, { minLength: names.length, maxLength: names.length }), (values) => {
        const probability = score(Object.fromEntries(names.map((name, i) => [name, values[i]])));
        expect(probability).toBeGreaterThan(0);
        expect(probability).toBeLessThan(1);
      }),
    );
  });

  test('predicts 1 from the threshold on', () => {
    const answers = vectors.map(({ row }) => predict(model, row));
    const { threshold } = model.metrics;
    for (const answer of answers)
      expect(answer).toEqual({ score: answer['score'], predicted: +(answer['score']! >= threshold) });
    expect(new Set(answers.map((answer) => answer['predicted']))).toEqual(new Set([0, 1]));
    const at = { ...model, metrics: { ...model.metrics, threshold: answers[0]!['score']! } };
    expect(predict(at, vectors[0]!.row)['predicted']).toBe(1);
  });

  test('the order of keys in a row and unknown keys do not matter', () => {
    const score = compileModel(model);
    const rows = fc.constantFrom(...vectors.map(({ row }) => row));
    const shuffled = rows.chain((row) => {
      const entries = Object.entries({ ...row, stranger: 'x' });
      return fc.shuffledSubarray(entries, { minLength: entries.length }).map((order) => [row, order] as const);
    });
    fc.assert(fc.property(shuffled, ([row, order]) => score(Object.fromEntries(order)) === score(row)));
  });

  test('the score of a row does not depend on rows scored before it', () => {
    const shared = compileModel(model);
    for (const { row } of vectors.slice(0, 100)) expect(shared(row)).toBe(compileModel(model)(row));
  });
});

/** A model of one numeric and one categorical feature whose score shows the values that it read. */
function reading(fill: number, threshold: number, categories: string[] = []): Model {
  const step = (feature: number, at: number, below: number, above: number) => {
    const value = [0, below, above];
    return { feature: [feature, 0, 0], threshold: [at, 0, 0], left: [1, -1, -1], right: [2, -1, -1], value };
  };
  const features: Model['features'] = [
    { name: 'x', kind: 'numeric', fill },
    { name: 'c', kind: 'categorical', categories },
  ];
  const trees = [step(0, threshold, -1, 1), ...categories.map((_, i) => step(i + 1, 0.5, 0, 4 * (i + 1)))];
  return { ...model, features, encoded: ['x', ...categories.map((c) => `c=${c}`)], base_margin: 0, trees };
}

const sigmoid = (margin: number) => 1 / (1 + Math.exp(-margin));

describe('reading values', () => {
  const day = 19_723.5; // noon of 2024-01-01
  const below = (x: unknown, threshold: number) => compileModel(reading(1e9, threshold))({ x }) === sigmoid(-1);

  test.each([
    '2024-01-01T12:00:00',
    '2024-01-01 12:00:00.000999',
    '2024-01-01T12:00:00Z',
    '2024-01-01T14:00:00+02:00',
    '2024-01-01T10:00:00.000-0200',
    new Date('2024-01-01T12:00:00Z'),
    String(day),
    ' 1.97235e4 ',
    day,
  ])('%s is a number of days', (x) => {
    expect([below(x, day), below(x, day + 0.01)]).toEqual([false, true]);
  });

  test.each([
    [true, 1],
    ['TRUE', 1],
    [false, 0],
    ['false', 0],
    [12n, 12],
    ['2024-01-01', 19_723],
  ])('%s is %d', (x, number) => {
    expect([below(x, number), below(x, number + 0.01)]).toEqual([false, true]);
  });

  test.each([null, undefined, Number.NaN, '', '  ', 'plan 5', 'customer 1', '0x10', 'nan', new Date('no'), [5], {}])(
    '%s is missing and takes the fill',
    (x) => {
      const score = compileModel(reading(7, 7));
      expect(score({ x })).toBe(score({ x: 7 }));
      expect(compileModel(reading(7, 7.01))({ x })).toBe(sigmoid(-1));
    },
  );

  test('an invalid number of millions of digits counts as missing, in linear time', () => {
    const score = compileModel(reading(7, 7));
    const texts = ['1'.repeat(4_000_000), ` ${'1'.repeat(1000)}`, `1.${'0'.repeat(1000)}`, ' '.repeat(1_000_000)];
    for (const text of texts) expect(score({ x: `${text}e` })).toBe(score({ x: 7 }));
  });

  test('a number beyond float32 is infinite', () => {
    const largest = 3.4028234663852886e38;
    for (const x of [1e308, Number.POSITIVE_INFINITY, 'Infinity', 10n ** 400n]) expect(below(x, largest)).toBe(false);
    for (const x of [-1e308, Number.NEGATIVE_INFINITY, '-Infinity']) expect(below(x, -largest * 0.99)).toBe(true);
    expect(below(16_777_217, 16_777_217)).toBe(false); // both are 16777216 in float32
  });

  test('a category counts only if training saw it, even the empty text', () => {
    const score = compileModel(reading(0, 1, ['', '3', 'true']));
    const margins = ['', 3, true, 'x', null, undefined, {}, [], '3 '].map((c) => score({ x: 0, c }));
    expect(margins).toEqual([4, 8, 12, 0, 0, 0, 0, 0, 0].map((margin) => sigmoid(margin - 1)));
  });
});
