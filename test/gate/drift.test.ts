import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Bin, type Distribution, reviewSchema, type Spread } from '../../lib/documents/model.ts';
import { driftBetween } from '../../lib/gate/drift.ts';
import { projectFolder } from '../../lib/local/root.ts';

const golden = JSON.parse(readFileSync(path.join(projectFolder, 'contracts', 'golden', 'drift.json'), 'utf8')) as {
  before: unknown;
  now: unknown;
  features: Record<string, number>;
  scores: number;
};
const read = (given: unknown): Distribution => reviewSchema.shape.distribution.unwrap().parse(given);
const [before, now] = [read(golden.before), read(golden.now)];

/** Each value, repeated by its count. */
const bins = (counts: Readonly<Record<string, number>>): Bin[] =>
  Object.entries(counts)
    .map(([value, rows]) => ({ from: Number(value), to: Number(value), rows }))
    .sort((a, b) => a.from - b.from);
const numeric = (counts: Readonly<Record<string, number>>, missing = 0): Spread => ({
  name: 'x',
  kind: 'numeric',
  bins: bins(counts),
  missing,
});
const categorical = (counts: Readonly<Record<string, number>>, other = 0, missing = 0): Spread => ({
  name: 'x',
  kind: 'categorical',
  categories: Object.entries(counts).map(([value, rows]) => ({ value, rows })),
  other,
  missing,
});
const of = (...features: Spread[]): Distribution => ({ rows: 1000, features, scores: [] });
const psi = (a: Spread, b: Spread) => driftBetween(of(a), of(b)).features[0]?.psi;

describe('drift, from the bins in two dossiers', () => {
  test('equals drift computed from rows, for every kind of input', () => {
    const drift = driftBetween(before, now);
    expect(Object.keys(golden.features)).toHaveLength(drift.features.length);
    for (const { feature, psi: found } of drift.features) {
      const exact = golden.features[feature]!;
      expect([feature, Math.abs(found - exact) < 0.01 + 0.1 * exact]).toEqual([feature, true]);
    }
    expect(Math.abs(drift.scores - golden.scores)).toBeLessThan(0.01 + 0.1 * golden.scores);
  });

  test('lists inputs by drift, and unchanged ones below any threshold', () => {
    const { features } = driftBetween(before, now);
    expect(features.slice(0, 3).map(({ feature }) => feature)).toEqual(
      Object.entries(golden.features)
        .sort(([, a], [, b]) => b - a)
        .slice(0, 3)
        .map(([feature]) => feature),
    );
    for (const still of ['paperless', 'joined', 'seen']) {
      expect(features.find(({ feature }) => feature === still)!.psi).toBeLessThan(0.02);
    }
  });

  test('of a version from itself is 0', () => {
    const { features, scores } = driftBetween(before, before);
    expect([...features.map(({ psi: value }) => value), scores].every((value) => Math.abs(value) < 1e-12)).toBe(true);
  });

  test.each([
    ['a column that is empty all of a sudden', numeric({ 1: 500, 2: 500 }), numeric({}, 1000)],
    ['a constant that is another', numeric({ 0: 1000 }), numeric({ 7: 1000 })],
    ['a constant that is none any more', numeric({ 0: 1000 }), numeric({ 0: 500, 0.5: 250, 3: 250 })],
    ['values between those that there were', numeric({ 0: 500, 10: 500 }), numeric({ 5: 1000 })],
    ['another unit', numeric({ 1: 250, 2: 250, 3: 250, 4: 250 }), numeric({ 100: 250, 200: 250, 300: 250, 400: 250 })],
    ['another spelling of a category', categorical({ yes: 600, no: 400 }), categorical({ Yes: 600, no: 400 })],
    ['a new category', categorical({ a: 1000 }), categorical({ a: 700, b: 300 })],
    ['categories that are missing now', categorical({ a: 500, b: 500 }), categorical({ a: 250, b: 250 }, 0, 500)],
  ])('is reported for %s', (_, a, b) => {
    expect(psi(a, b)).toBeGreaterThan(0.2);
  });

  test.each([100, 160, 400, 1000, 5000])(
    'is not caused by chance: two samples of %i rows of one population',
    (rows) => {
      let seed = rows;
      const random = () => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return seed / 2 ** 32;
      };
      const draw = (): Distribution => {
        const counts: Record<string, number> = {};
        for (let i = 0; i < rows; i++) {
          const value = Math.floor(20 * random() ** 2);
          counts[value] = (counts[value] ?? 0) + 1;
        }
        return { rows, features: [numeric(counts), { ...categorical(counts), name: 'y' }], scores: bins(counts) };
      };
      const found = Array.from({ length: 300 }, () => driftBetween(draw(), draw()));
      const alarming = found.filter(
        ({ features, scores }) => scores >= 0.2 || features.some(({ psi: value }) => value >= 0.2),
      );
      expect(alarming.length).toBeLessThanOrEqual(6);
    },
  );

  test('of a category that may be in "other" of the other version counts as 0', () => {
    expect(psi(categorical({ a: 500, b: 100 }, 400), categorical({ a: 500, c: 100 }, 400))).toBeCloseTo(0, 5);
  });

  test('is not computed for a feature that only one version has, or that changed its kind', () => {
    expect(driftBetween(of(numeric({ 1: 1000 })), of()).features).toEqual([]);
    expect(driftBetween(of(numeric({ 1: 1000 })), of(categorical({ a: 1000 }))).features).toEqual([]);
  });
});
