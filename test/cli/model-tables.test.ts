import { expect, test } from 'vitest';
import { figuresTable } from '../../lib/cli/model-tables.ts';
import { forestDossier } from '../learning/regression.ts';
import { sampleDossier } from '../report/sample.ts';

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));

test('versions that are judged alike stand side by side', () => {
  const [head, first] = linesOf(figuresTable(['v1', 'v2'], [sampleDossier, sampleDossier]));
  const auc = sampleDossier.metrics.auc.toFixed(4);
  expect([head, first]).toEqual([
    ['v1', 'v2'],
    ['AUC', auc, auc, 'more is better'],
  ]);
});

test('a version that predicts something else has other figures', () => {
  const lines = linesOf(figuresTable(['v1', 'v2'], [sampleDossier, forestDossier]));
  const r2 = forestDossier.metrics.r2.toFixed(4);
  expect(lines).toContainEqual(['AUC', sampleDossier.metrics.auc.toFixed(4), '-', 'more is better']);
  expect(lines).toContainEqual(['R²', '-', r2, 'more is better']);
  const rmse = Math.round(forestDossier.metrics.rmse).toLocaleString('en-US');
  expect(lines).toContainEqual(['root mean squared error', '-', rmse, 'less is better']);
});
