import { describe, expect, test } from 'vitest';
import { metricsOf } from '../../lambdas/quality/metrics.ts';
import { type Dossier, dossierSchema } from '../../lib/documents/model.ts';
import { runDocument } from '../../lib/documents/run-document.ts';
import { judge } from '../../lib/gate/gate.ts';
import type { Promotion, QualityPorts } from '../../lib/gate/ports.ts';
import { objectiveOf } from '../../lib/learning/learning.ts';
import { regression } from '../../lib/learning/objectives/regression/regression.ts';
import { planSchema } from '../../lib/plan/schema.ts';
import { renderReport } from '../../lib/report/index.ts';
import { predict } from '../../lib/scoring/score.ts';
import { readPage, unbalanced } from '../report/markup.ts';
import { sampleDossier } from '../report/sample.ts';
import {
  type ForestDossier,
  forestDossier,
  forestModel,
  forestPlan,
  forestRun,
  type RegressionGate,
} from './regression.ts';

test('the documents of a forest that predicts a number are those of the contract', () => {
  expect(dossierSchema.parse(forestDossier)).toEqual(forestDossier);
  expect(runDocument.parse(forestRun)).toEqual(forestRun);
  expect(planSchema.parse(forestPlan)).toEqual(forestPlan);
});

test('what belongs to another objective or algorithm is no part of them', () => {
  for (const other of [
    { ...forestDossier, roc: [] },
    { ...forestDossier, objective: 'binary' },
    { ...forestDossier, metrics: sampleDossier.metrics },
    { ...forestDossier, algorithm: 'gradient-boosted-trees' },
  ]) {
    expect(dossierSchema.safeParse(other).success).toBe(false);
  }
});

describe('the gate', () => {
  const log: Promotion[] = [];
  const ask = (changes: Partial<ForestDossier> = {}, gate: Partial<RegressionGate> = {}, live?: Promotion) => {
    const ports: QualityPorts = {
      dossier: async (): Promise<Dossier> => ({ ...forestDossier, ...changes }),
      live: async () => live,
      promote: async (_, entry) => {
        log.push(entry);
      },
      now: () => new Date('2026-11-21T08:00:00Z'),
    };
    return judge({ pipeline: 'p', model: 'price', version: 2, run: 'r2', gate: { r2: 0, ...gate } }, ports);
  };
  const metrics = { r2: 0.8123, rmse: 48_349.12, mae: 32_240.25, median_error: 21_172.4, bias: -1_103.2 };

  test('asks for no more than the mean of the label by default', () => {
    expect(regression.planned(undefined)).toEqual({ objective: 'regression', gate: { r2: 0 } });
  });

  test('promotes by R², and remembers it by its name', async () => {
    expect(await ask({ metrics })).toMatchObject({
      verdict: 'promote',
      reason: 'R² 0.8123 meets the floor of 0; the first version',
      metric: 'r2',
      value: 0.8123,
      watched: { R2: 0.8123 },
    });
    expect(log.at(-1)).toMatchObject({ metric: 'r2', value: 0.8123 });
  });

  test.each([
    [{ r2: 0.9 }, 'R² 0.8123 is below the floor of 0.9'],
    [{ rmse: { atMost: 40_000 } }, 'root mean squared error 48,349 is above the limit of 40,000'],
    [{ mae: { atMost: 30_000 } }, 'mean absolute error 32,240 is above the limit of 30,000'],
    [{ bias: { atMost: 1_000 } }, 'bias 1,103 is above the limit of 1,000'],
    [
      { slices: [{ column: 'plan', r2: 0.2, minRows: 50 }] },
      'R² -0.3000 where plan is premium (200 rows) is below the floor of 0.2',
    ],
    [{ slices: [{ column: 'city', r2: 0.2, minRows: 50 }] }, 'no value of city has 50 held-out rows to be judged by'],
  ] satisfies [Partial<RegressionGate>, string][])(
    '%o holds the candidate, in units of the label',
    async (gate, reason) => {
      expect(await ask({ metrics }, gate)).toMatchObject({ verdict: 'hold', reason });
    },
  );

  test('says nothing of how it is beside a version that was judged by another metric', async () => {
    const live: Promotion = { version: 1, run: 'r1', at: 't', metric: 'auc', value: 0.84 };
    const comparisons = [{ against: 1, why_not: 'it predicts another kind of label' }];
    const verdict = await ask({ metrics, comparisons }, {}, live);
    expect(verdict).toMatchObject({ verdict: 'promote', value: 0.8123 });
    expect(verdict).not.toHaveProperty('before');
    expect(metricsOf(verdict)).toContainEqual({ name: 'WorseBy', value: 0, dimensions: { Model: 'price' } });
  });

  test('holds what is worse than the live version on the same rows, and what leaks where it is asked', async () => {
    const live: Promotion = { version: 1, run: 'r1', at: 't', metric: 'r2', value: 0.84 };
    const worse = { rows: 900, r2: 0.81, difference: -0.03, interval: [-0.04, -0.02] as [number, number] };
    const comparisons = [{ against: 1, ...worse, metrics: { ...metrics, r2: 0.84 } }];
    expect(await ask({ metrics, comparisons }, {}, live)).toMatchObject({
      verdict: 'hold',
      reason:
        'worse than v1 on the same 900 rows: R² 0.8100 against 0.8400, a difference of -0.0300 (95 % interval -0.0400 to -0.0200)',
    });
    const leaks = [{ feature: 'tax', r2: 0.9991 }];
    const reason = 'tax alone explains the label (R² 0.9991): check that it is known before the label is';
    expect((await ask({ leaks })).reason).toContain(reason);
    expect(await ask({ leaks }, { leak: 'hold' })).toMatchObject({ verdict: 'hold', reason });
  });
});

describe('what is published', () => {
  const published = (bias: number, deviation: number) => {
    const rows = { ...forestDossier.rows, test_deviation: deviation };
    const dossier = { ...forestDossier, rows, metrics: { ...forestDossier.metrics, bias } };
    return Object.fromEntries(objectiveOf(dossier).watched.map(({ metric, of }) => [metric, of(dossier)]));
  };

  test('is R², and the bias in standard deviations of the label, whatever its direction and unit', () => {
    expect(published(-5_000, 50_000)).toEqual({ R2: forestDossier.metrics.r2, Bias: 0.1 });
    expect(published(5, 50)['Bias']).toBe(0.1);
    expect(published(5, 0)['Bias']).toBe(0);
  });
});

describe('a prediction', () => {
  const row = { tenure: 12, charge: 80.5, plan: 'premium', paperless: true, joined: '2020-05-06', seen: '2021-03-04' };

  test('is one number, which people see without the digits that say nothing', () => {
    const { columns, headings, cells, note, settled } = objectiveOf(forestModel).predicted;
    const found = predict(forestModel, row);
    expect(Object.keys(found)).toEqual(columns.map(({ name }) => name));
    expect(headings('price')).toEqual(['price']);
    expect(cells({ predicted: 234_567.891 })).toEqual(['234,568']);
    expect(cells({ predicted: -0.0123456 })).toEqual(['-0.01235']);
    expect(settled(forestModel.metrics)).toEqual({});
    expect(note('price', { ...forestModel.metrics, median_error: 1234.5 })).toBe(
      'half of the hold-out has a price within 1,235 of its prediction',
    );
  });

  test('is the more the more was planted', () => {
    const price = (change: object) => predict(forestModel, { ...row, ...change })['predicted']!;
    expect(price({ charge: 200 })).toBeGreaterThan(price({ charge: 20 }) + 50_000);
    expect(price({ plan: 'premium' })).toBeGreaterThan(price({ plan: 'basic' }) + 10_000);
  });
});

describe('its report', () => {
  const page = renderReport(forestRun, [{ dossier: forestDossier, model: forestModel }], forestPlan);
  const { tags, rest } = readPage(page);
  const text = rest.replaceAll('\u202f', ' ').replace(/\s+/g, ' ');

  test('is well formed, names its pictures, and holds no number gone wrong', () => {
    expect(unbalanced(tags)).toEqual([]);
    for (const svg of tags.filter(({ name }) => name === 'svg')) expect(svg.attributes.get('aria-label')).toBeTruthy();
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  test('shows R² on its scale, the errors, both plots, the grid of the forest and slices', () => {
    for (const part of [
      'R²',
      '0 the mean',
      'RMSE',
      'Predicted and actual',
      'Errors',
      'Error: predicted minus actual',
      'By tenths',
      'Trees',
      'Mean R²',
      'with 50 % of the columns for each split',
      'Slices by',
      'of at most 0.950 (Bayes limit)',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/AUC|Confusion|Calibration/);
  });

  test('shows all of it also where there is no dossier', () => {
    const without = renderReport(forestRun, [], forestPlan);
    expect(unbalanced(readPage(without).tags)).toEqual([]);
    expect(without).toContain('so the report has no curves');
  });
});
