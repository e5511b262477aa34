import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileModel } from '../../lambdas/shared/model.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { modelSchema } from '../../lib/plan/model-schema.ts';

const golden = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(path.join(projectFolder, 'contracts', 'golden', name), 'utf8'));
const model = modelSchema.parse(await golden('model.json'));
const vectors = (await golden('vectors.json')) as { row: Record<string, unknown>; score: number }[];

describe('scoring in TypeScript', () => {
  test('agrees with Python to 1e-6 on every golden vector', () => {
    const score = compileModel(model);
    expect(vectors.length).toBeGreaterThanOrEqual(1000);
    expect(vectors.some(({ row }) => row['charge'] === null)).toBe(true);
    expect(vectors.some(({ row }) => row['plan'] === 'gold')).toBe(true);
    const worst = Math.max(...vectors.map(({ row, score: expected }) => Math.abs(score(row) - expected)));
    expect(worst).toBeLessThan(1e-6);
  });

  test('takes numbers and booleans as text too, as a csv or a query string brings them', () => {
    const score = compileModel(model);
    for (const { row } of vectors.slice(0, 200)) {
      const texts = Object.fromEntries(Object.entries(row).map(([k, v]) => [k, typeof v === 'number' ? String(v) : v]));
      expect(score(texts)).toBe(score(row));
    }
  });

  test('gives a probability for whatever it is given', () => {
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

  test('a row scored after another is scored as if it were alone', () => {
    const shared = compileModel(model);
    for (const { row } of vectors.slice(0, 100)) expect(shared(row)).toBe(compileModel(model)(row));
  });
});
