import { describe, expect, test } from 'vitest';
import { isPromotionOf, judge } from '../../lib/gate/gate.ts';
import type { Promotion, QualityPorts } from '../../lib/gate/ports.ts';
import { sampleDossier } from '../report/sample.ts';

const request = { pipeline: 'churn', model: 'churn', gate: { auc: 0.75 } };
const promotion = (version: number, run = `r${version}`): Promotion => ({
  version,
  run,
  at: 't',
  metric: 'auc',
  value: 0.8,
});
const back = (version: number, from: number): Promotion => ({
  ...promotion(version),
  rollback: { from, transition: 'model-worse@2026' },
});

function gate(log: Promotion[], auc = 0.8): QualityPorts {
  return {
    dossier: async () => ({ ...sampleDossier, metrics: { ...sampleDossier.metrics, auc } }),
    live: async () => log.at(-1),
    history: async () => [...log],
    promote: async (_, entry) => {
      if (!log.some((known) => isPromotionOf(known, entry))) log.push(entry);
    },
    now: () => new Date('2026-11-21T08:00:00Z'),
  };
}

describe('a candidate that the gate judges again', () => {
  test('is promoted once, with the same answer', async () => {
    const log = [promotion(1)];
    const first = await judge({ ...request, version: 2, run: 'r2' }, gate(log));
    const again = await judge({ ...request, version: 2, run: 'r2' }, gate(log));
    expect(first).toMatchObject({ verdict: 'promote', before: 0.8, usable: true });
    expect(again).toEqual(first);
    expect(log.map(({ version }) => version)).toEqual([1, 2]);
  });

  test('is not promoted again if another version is live since', async () => {
    const log = [promotion(1), promotion(2), promotion(3)];
    expect(await judge({ ...request, version: 2, run: 'r2' }, gate(log))).toMatchObject({ verdict: 'promote' });
    expect(log).toHaveLength(3);
  });

  test.each([
    ['and the one before is live', [promotion(1), promotion(2), back(1, 2)]],
    ['and a newer one is live', [promotion(1), promotion(2), back(1, 2), promotion(3)]],
  ])('is held when it was rolled back, %s', async (_, log) => {
    const length = log.length;
    expect(await judge({ ...request, version: 2, run: 'r2' }, gate(log))).toMatchObject({
      verdict: 'hold',
      reason: 'rolled back to v1 by model-worse@2026',
      usable: true,
    });
    expect(log).toHaveLength(length);
  });

  test('is a different candidate if only its number is the same, as after lost bookmarks', async () => {
    const log = [promotion(1), promotion(2), back(1, 2)];
    const verdict = await judge({ ...request, version: 2, run: 'r9' }, gate(log));
    expect(verdict).toMatchObject({ verdict: 'promote' });
    expect(log.at(-1)).toMatchObject({ version: 2, run: 'r9' });
  });

  test('is held because of its metrics, whatever is live', async () => {
    const held = await judge({ ...request, version: 2, run: 'r2' }, gate([promotion(1)], 0.7));
    expect(held).toMatchObject({ verdict: 'hold', usable: true });
    expect(await judge({ ...request, version: 1, run: 'r1' }, gate([], 0.7))).toMatchObject({ usable: false });
  });
});
