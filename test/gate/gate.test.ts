import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { metricsOf } from '../../lambdas/quality/metrics.ts';
import { publishMetrics } from '../../lambdas/shared/publish-metrics.ts';
import { type Distribution, type Dossier, dossierSchema } from '../../lib/documents/model.ts';
import { MillraceError } from '../../lib/errors.ts';
import { judge } from '../../lib/gate/gate.ts';
import type { Promotion, QualityPorts } from '../../lib/gate/ports.ts';
import { calibrationError } from '../../lib/learning/objectives/binary/calibration.ts';
import { qualityFiles } from '../../lib/local/gate-ports.ts';
import { projectFolder, Root } from '../../lib/local/root.ts';
import { units } from '../../lib/metrics/names.ts';

const golden = JSON.parse(
  readFileSync(path.join(projectFolder, 'contracts', 'golden', 'drift.json'), 'utf8'),
) as Record<'before' | 'now', Distribution>;

/** Four of ten rows are positive where the mean score is 0.5, and so on. */
const calibration = [
  { mean_score: 0.1, share_positive: 0.1, rows: 30 },
  { mean_score: 0.5, share_positive: 0.4, rows: 10 },
];

function dossier(auc: number, distribution?: Distribution): Dossier {
  return dossierSchema.parse({
    format: 'millrace-dossier',
    version: 1,
    name: 'churn',
    model_version: 1,
    metrics: {
      auc,
      pr_auc: 0.5,
      accuracy: 0.8,
      log_loss: 0.4,
      brier: 0.1,
      threshold: 0.5,
      confusion: { tp: 1, fp: 1, tn: 1, fn: 1 },
    },
    roc: [],
    pr: [],
    calibration,
    importance: [],
    grid: [],
    rows: { train: 1, test: 1, train_positive: 1, test_positive: 1 },
    slices: [],
    ...(distribution && { distribution }),
  });
}

function gate(dossiers: Readonly<Record<number, Dossier>>, log: Promotion[]): QualityPorts {
  return {
    dossier: async (model, version) => {
      const found = dossiers[version];
      if (found !== undefined) return found;
      throw new MillraceError([{ code: 'MR404', path: `${model}/v${version}`, message: 'it is not there' }]);
    },
    live: async () => log.at(-1),
    history: async () => [...log],
    promote: async (_, entry) => {
      log.push(entry);
    },
    now: () => new Date('2026-11-21T08:00:00Z'),
  };
}

const request = { pipeline: 'churn', model: 'churn', version: 2, run: 'r2', gate: { auc: 0.75 } };
const first: Promotion = { version: 1, run: 'r1', at: 't', metric: 'auc', value: 0.83 };
const values = (verdict: Parameters<typeof metricsOf>[0]) =>
  Object.fromEntries(metricsOf(verdict).map(({ name, value }) => [name, value]));

describe('the measurements of the gate', () => {
  test('for a candidate with drift: which inputs, how much, and since which version', async () => {
    const ports = gate({ 1: dossier(0.83, golden.before), 2: dossier(0.8, golden.now) }, [first]);
    const verdict = await judge(request, ports);
    const { drift } = verdict;
    expect(drift).toMatchObject({ against: 1, scores: expect.closeTo(0.37, 1) });
    expect(drift!.features.slice(0, 3).map(({ feature }) => feature)).toEqual(['plan', 'tenure', 'charge']);
    expect(verdict).toMatchObject({
      verdict: 'promote',
      reason: `AUC 0.8000 meets the floor of 0.75; not compared with v1: an older engine trained it; plan has drifted since v1 (PSI ${drift!.features[0]!.psi.toFixed(2)})`,
      before: 0.83,
    });
    expect(values(verdict)).toEqual({
      Auc: 0.8,
      WorseBy: expect.closeTo(0.03, 10),
      CalibrationError: expect.closeTo(0.025, 10),
      Drift: drift!.features[0]!.psi,
      ScoreDrift: drift!.scores,
    });
    // A retry gives the same: drift from the previous version, not from itself.
    expect(await judge(request, ports)).toEqual(verdict);
  });

  test('for a held candidate too, but no drop: it is not live', async () => {
    const ports = gate({ 1: dossier(0.83, golden.before), 2: dossier(0.6, golden.now) }, [first]);
    const verdict = await judge(request, ports);
    expect(verdict).toMatchObject({ verdict: 'hold', drift: { against: 1 } });
    expect(Object.keys(values(verdict)).sort()).toEqual(['Auc', 'CalibrationError', 'Drift', 'ScoreDrift']);
  });

  test('for a first version: no drift, and no drop', async () => {
    const verdict = await judge({ ...request, version: 1, run: 'r1' }, gate({ 1: dossier(0.8, golden.before) }, []));
    expect(verdict).not.toHaveProperty('drift');
    expect(values(verdict)).toEqual({ Auc: 0.8, WorseBy: 0, CalibrationError: expect.closeTo(0.025, 10) });
  });

  test.each([
    ['the version before has no distribution', { 1: dossier(0.83), 2: dossier(0.8, golden.now) }],
    ['the dossier of the version before is gone', { 2: dossier(0.8, golden.now) }],
  ])('where %s: no drift, and the candidate is promoted all the same', async (_, dossiers) => {
    const verdict = await judge(request, gate(dossiers, [first]));
    expect(verdict).toMatchObject({
      verdict: 'promote',
      reason: 'AUC 0.8000 meets the floor of 0.75; not compared with v1: an older engine trained it',
    });
    expect(verdict).not.toHaveProperty('drift');
  });

  test('fail if the store of the previous version fails, so that the Task is retried', async () => {
    const ports = gate({ 1: dossier(0.83), 2: dossier(0.8) }, [first]);
    const { dossier: read } = ports;
    ports.dossier = (model, version) => (version === 1 ? Promise.reject(new Error('slow down')) : read(model, version));
    await expect(judge(request, ports)).rejects.toThrow('slow down');
  });
});

describe('on the laptop', () => {
  test('files give the same measurements, and a candidate without a dossier is a fault with a code', async () => {
    const root = new Root(await mkdtemp(path.join(tmpdir(), 'millrace-gate-')));
    const ports = qualityFiles(root, 'churn');
    const write = async (version: number, text: string) => {
      const folder = path.join(root.model('churn', 'churn'), `v${version}`);
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, 'dossier.json'), text);
    };
    try {
      await write(1, JSON.stringify(dossier(0.83, golden.before)));
      await write(2, JSON.stringify(dossier(0.8, golden.now)));
      expect(await judge({ ...request, version: 1, run: 'r1' }, ports)).toMatchObject({ verdict: 'promote' });
      const inMemory = await judge(
        request,
        gate({ 1: dossier(0.83, golden.before), 2: dossier(0.8, golden.now) }, [first]),
      );
      expect(await judge(request, ports)).toEqual(inMemory);
      await expect(ports.dossier('churn', 3)).rejects.toMatchObject({ issues: [{ code: 'MR404' }] });
      await write(4, '{}');
      await expect(judge({ ...request, version: 4, run: 'r4' }, ports)).rejects.toMatchObject({
        issues: [{ code: 'MR404' }],
      });
    } finally {
      await rm(root.folder, { recursive: true, force: true });
    }
  });
});

test('the calibration error weighs bins by rows, and is 0 without bins', () => {
  expect(calibrationError(calibration)).toBeCloseTo((30 * 0 + 10 * 0.1) / 40);
  expect(calibrationError([])).toBe(0);
});

test('each metric is published with its unit and dimensions only', () => {
  vi.stubEnv('POWERTOOLS_DEV', 'true'); // to the console that this test reads
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  try {
    publishMetrics('Millrace/test', [
      { name: 'Drift', value: 0.25, dimensions: { Model: 'churn' } },
      { name: 'RowsRead', value: 12 },
      { name: 'InputAge', value: 3600.5 },
    ]);
  } finally {
    log.mockRestore();
    vi.unstubAllEnvs();
  }
  const published = lines.map((line) => {
    const { _aws, ...fields } = JSON.parse(line) as { _aws: { CloudWatchMetrics: unknown } } & Record<string, unknown>;
    return { fields, metrics: _aws.CloudWatchMetrics };
  });
  const of = (Dimensions: string[][], Name: string, Unit: string) => [
    { Namespace: 'Millrace/test', Dimensions, Metrics: [{ Name, Unit }] },
  ];
  expect(published).toEqual([
    { fields: { Model: 'churn', Drift: 0.25 }, metrics: of([['Model']], 'Drift', 'None') },
    { fields: { RowsRead: 12 }, metrics: of([[]], 'RowsRead', 'Count') },
    { fields: { InputAge: 3600.5 }, metrics: of([[]], 'InputAge', 'Seconds') },
  ]);
  expect(Object.keys(units)).toHaveLength(6);
});
