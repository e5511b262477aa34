import { describe, expect, test } from 'vitest';
import { metricsOf } from '../../lambdas/quality/metrics.ts';
import type { Distribution, Review } from '../../lib/documents/model.ts';
import { MillraceError } from '../../lib/errors.ts';
import { judge } from '../../lib/gate/gate.ts';
import type { Promotion, QualityPorts } from '../../lib/gate/ports.ts';
import type { BinaryComparison, BinaryDossier, BinaryGate } from '../learning/binary.ts';
import { sampleDossier } from '../report/sample.ts';

/** The comparison of a candidate with AUC 0.8098 with version `against`, on the same rows. */
const compared = (difference: number, low: number, high: number, against = 1): BinaryComparison => ({
  against,
  rows: 1409,
  auc: 0.8098,
  difference,
  interval: [low, high],
  metrics: { ...sampleDossier.metrics, auc: 0.8098 - difference },
});
const worse = compared(-0.0314, -0.0452, -0.0187);

function candidate(changes: Partial<BinaryDossier> = {}, auc = 0.8098): BinaryDossier {
  return { ...sampleDossier, metrics: { ...sampleDossier.metrics, auc }, comparisons: [], leaks: [], ...changes };
}

interface World {
  log?: Promotion[];
  dossiers: Record<number, BinaryDossier>;
  review?: Review;
}

function gate({ log = [], dossiers, review }: World): QualityPorts {
  return {
    dossier: async (model, version) => {
      const found = dossiers[version];
      if (found !== undefined) return found;
      throw new MillraceError([{ code: 'MR404', path: `${model}/v${version}`, message: 'it is not there' }]);
    },
    review: async () => review,
    live: async () => log.at(-1),
    history: async () => [...log],
    promote: async (_, entry) => {
      log.push(entry);
    },
    now: () => new Date('2026-11-21T08:00:00Z'),
  };
}

const first: Promotion = { version: 1, run: 'r1', at: 't', metric: 'auc', value: 0.8412 };
const ask = (world: World, floors: Partial<BinaryGate> = {}, version = 2) =>
  judge({ pipeline: 'p', model: 'm', version, run: `r${version}`, gate: { auc: 0.75, ...floors } }, gate(world));

describe('beside the live version, on the same rows', () => {
  test('a significantly worse candidate is held, although it meets the floor', async () => {
    const log = [first];
    const verdict = await ask({ log, dossiers: { 2: candidate({ comparisons: [worse] }) } });
    expect(verdict).toMatchObject({
      verdict: 'hold',
      usable: true,
      reason:
        'worse than v1 on the same 1,409 rows: AUC 0.8098 against 0.8412, a difference of -0.0314 (95 % interval -0.0452 to -0.0187)',
      compared: { against: 1, difference: -0.0314 },
    });
    expect(log).toEqual([first]);
  });

  test.each([
    ['not-worse', compared(-0.01, -0.02, 0.001), 'promote'],
    ['not-worse', compared(-0.01, -0.02, 0), 'promote'],
    ['not-worse', compared(-0.01, -0.02, -0.0001), 'hold'],
    ['better', compared(0.01, -0.001, 0.02), 'hold'],
    ['better', compared(0.01, 0, 0.02), 'hold'],
    ['better', compared(0.01, 0.0001, 0.02), 'promote'],
    ['ignored', worse, 'promote'],
  ] as const)('by the rule "%s", %o is: %s', async (live, comparison, expected) => {
    const verdict = await ask({ log: [first], dossiers: { 2: candidate({ comparisons: [comparison] }) } }, { live });
    expect(verdict.verdict).toBe(expected);
  });

  test.each([
    ['not-worse', 'keep'],
    ['better', 'hold'],
    ['ignored', 'promote'],
  ] as const)('by the rule "%s", a candidate that gives the same scores is: %s', async (live, expected) => {
    const log = [first];
    const same: BinaryComparison = { ...compared(0, 0, 0), same_scores: true } as BinaryComparison;
    const asked = () => ask({ log, dossiers: { 2: candidate({ comparisons: [same] }) } }, { live });
    const verdict = await asked();
    expect(verdict).toMatchObject({
      verdict: expected,
      version: 2,
      usable: true,
      compared: { against: 1, difference: 0 },
    });
    expect(verdict.reason).toContain('no better than v1: the same score for each of the same 1,409 rows');
    expect(log).toHaveLength(expected === 'promote' ? 2 : 1);
    expect(await asked()).toEqual(verdict);
  });

  test('a candidate with the same AUC but other scores is promoted: it may have learned from newer rows', async () => {
    const log = [first];
    const verdict = await ask({ log, dossiers: { 2: candidate({ comparisons: [compared(0, 0, 0)] }) } });
    expect([verdict.verdict, log.length]).toEqual(['promote', 2]);
  });

  test('the published drop is the difference on the same rows, not between two hold-outs', async () => {
    const verdict = await ask({
      log: [{ ...first, value: 0.99 }],
      dossiers: { 2: candidate({ comparisons: [compared(-0.01, -0.02, 0.01)] }) },
    });
    expect(verdict).toMatchObject({ verdict: 'promote', before: expect.closeTo(0.8198, 10) });
    expect(metricsOf(verdict)).toContainEqual({ name: 'WorseBy', value: 0.01, dimensions: { Model: 'm' } });
  });

  test('the log stores the comparison with each version, so that a roll-back finds the better one', async () => {
    const log = [first];
    await ask({
      log,
      dossiers: { 2: candidate({ comparisons: [compared(0.01, 0, 0.02), { against: 9, why_not: 'gone' }] }) },
    });
    expect(log.at(-1)).toMatchObject({ version: 2, compared: [{ against: 1, difference: 0.01 }] });
  });

  test('a first version is compared with nothing, and the reason is given', async () => {
    const verdict = await ask({ dossiers: { 1: candidate() } }, {}, 1);
    expect(verdict).toMatchObject({
      verdict: 'promote',
      reason: 'AUC 0.8098 meets the floor of 0.75; the first version',
    });
    expect(verdict).not.toHaveProperty('before');
  });

  test.each([
    ['not-worse', 'promote'],
    ['better', 'hold'],
  ] as const)('where the two cannot be compared, "%s" says %s, with the reason', async (live, expected) => {
    const comparisons = [{ against: 1, why_not: 'its files are missing or damaged' }];
    const verdict = await ask({ log: [first], dossiers: { 2: candidate({ comparisons }) } }, { live });
    expect(verdict.verdict).toBe(expected);
    expect(verdict.reason).toContain('not compared with v1: its files are missing or damaged');
  });

  test('a candidate is compared with the version that is live now, not with the one at its training', async () => {
    const log: Promotion[] = [first, { ...first, version: 2, run: 'r2' }];
    log.push({ ...first, rollback: { from: 2, transition: 'model-worse@t' } });
    const both = candidate({ comparisons: [compared(0.02, 0.01, 0.03, 2), worse] });
    expect((await ask({ log: [...log], dossiers: { 3: both } }, {}, 3)).reason).toMatch(/^worse than v1/);
    const one = candidate({ comparisons: [compared(0.02, 0.01, 0.03, 2)] });
    expect(await ask({ log, dossiers: { 3: one } }, {}, 3)).toMatchObject({
      verdict: 'hold',
      reason: 'v1 became live while this version was trained, so it was not compared with it',
    });
  });
});

describe('floors', () => {
  const slices = [
    { feature: 'region', value: 'north', rows: 300, auc: 0.82 },
    { feature: 'region', value: 'south', rows: 1200, auc: 0.61 },
    { feature: 'region', value: 'island', rows: 20, auc: 0.4 },
    { feature: 'plan', value: 'basic', rows: 900, auc: 0.5 },
  ];
  const { metrics } = sampleDossier;
  const dossier = candidate({
    metrics: { ...metrics, auc: 0.8098, pr_auc: 0.5, log_loss: 0.45, brier: 0.15 },
    calibration: [{ mean_score: 0.5, share_positive: 0.4, rows: 10 }],
    slices,
  });

  test.each([
    [{ auc: 0.9 }, 'AUC 0.8098 is below the floor of 0.9'],
    [{ prAuc: { atLeast: 0.6 } }, 'PR AUC 0.5000 is below the floor of 0.6'],
    [{ logLoss: { atMost: 0.4 } }, 'log loss 0.4500 is above the limit of 0.4'],
    [{ brier: { atMost: 0.1 } }, 'Brier score 0.1500 is above the limit of 0.1'],
    [{ calibration: { atMost: 0.05 } }, 'calibration error 0.1000 is above the limit of 0.05'],
    [
      { slices: [{ column: 'region', auc: 0.7, minRows: 50 }] },
      'AUC 0.6100 where region is south (1,200 rows) is below the floor of 0.7',
    ],
    [
      { slices: [{ column: 'town', auc: 0.7, minRows: 50 }] },
      'no value of town has 50 held-out rows of both classes to be judged by',
    ],
  ] satisfies [Partial<BinaryGate>, string][])(
    '%o holds the candidate, and the reason names the figure',
    async (floor, reason) => {
      expect(await ask({ dossiers: { 1: dossier } }, floor, 1)).toMatchObject({
        verdict: 'hold',
        reason,
        usable: false,
      });
    },
  );

  test('all missed floors are named, and met floors do not hold a model', async () => {
    const met: Partial<BinaryGate> = {
      prAuc: { atLeast: 0.5 },
      logLoss: { atMost: 0.45 },
      brier: { atMost: 0.15 },
      calibration: { atMost: 0.11 },
      slices: [{ column: 'region', auc: 0.6, minRows: 50 }],
    };
    expect((await ask({ dossiers: { 1: dossier } }, met, 1)).verdict).toBe('promote');
    const { reason } = await ask({ dossiers: { 1: dossier } }, { ...met, auc: 0.95, brier: { atMost: 0.1 } }, 1);
    expect(reason).toBe('AUC 0.8098 is below the floor of 0.95; Brier score 0.1500 is above the limit of 0.1');
  });

  test('NaN meets no floor', async () => {
    const broken = candidate({ metrics: { ...metrics, auc: Number.NaN } });
    expect((await ask({ dossiers: { 1: broken } }, {}, 1)).verdict).toBe('hold');
  });
});

describe('a feature that explains the label alone', () => {
  const leaking = { 1: candidate({ leaks: [{ feature: 'left_on', auc: 1 }] }) };

  test('is named in the reason and does not hold the model', async () => {
    const verdict = await ask({ dossiers: leaking }, {}, 1);
    expect(verdict).toMatchObject({ verdict: 'promote', leaks: [{ feature: 'left_on', auc: 1 }] });
    expect(verdict.reason).toContain('left_on alone explains the label (AUC 1.0000)');
  });

  test('holds the model if the gate is configured so', async () => {
    const verdict = await ask({ dossiers: leaking }, { leak: 'hold' }, 1);
    expect(verdict.verdict).toBe('hold');
    expect(verdict.reason.match(/left_on/g)).toHaveLength(1);
    expect((await ask({ dossiers: { 1: candidate() } }, { leak: 'hold' }, 1)).verdict).toBe('promote');
  });
});

describe('a version that was rolled back', () => {
  const learned = { rows: 'a', parameters: 'b' };
  const bad: Promotion = { ...first, version: 2, run: 'r2' };
  const back: Promotion = { ...first, rollback: { from: 2, transition: 'model-worse@t' } };
  const dossiers = {
    1: candidate(),
    2: candidate({ learned }),
    3: candidate({ learned, comparisons: [compared(0, 0, 0)] }),
  };

  test('has an identical candidate held: same rows, same training', async () => {
    const log = [first, bad, back];
    expect(await ask({ log, dossiers }, {}, 3)).toMatchObject({
      verdict: 'hold',
      reason: 'it learned from the same rows in the same way as v2, which was rolled back',
    });
    expect(log).toHaveLength(3);
  });

  test.each([
    ['other rows', { rows: 'z', parameters: 'b' }],
    ['other parameters', { rows: 'a', parameters: 'z' }],
  ])('does not hold one that learned from %s', async (_, other) => {
    const third = candidate({ learned: other, comparisons: [compared(0, 0, 0)] });
    expect((await ask({ log: [first, bad, back], dossiers: { ...dossiers, 3: third } }, {}, 3)).verdict).toBe(
      'promote',
    );
  });

  test('holds no candidate once a person has promoted it again', async () => {
    const log = [first, bad, back, { ...bad, by: 'ada' }, first];
    expect((await ask({ log, dossiers }, {}, 3)).verdict).toBe('promote');
  });
});

describe('the checks before a training', () => {
  const tenths = (from: number) =>
    Array.from({ length: 10 }, (_, i) => ({ from: from + i, to: from + i + 1, rows: 100 }));
  const bins = (from: number): Distribution => ({
    rows: 1000,
    features: [{ name: 'charge', kind: 'numeric', missing: 0, bins: tenths(from) }],
    scores: [{ from: 0, to: 1, rows: 200 }],
  });
  const live = candidate({ distribution: bins(0) }, 0.8412);
  const review: Review = {
    format: 'millrace-review',
    version: 1,
    run: 'r2',
    model: 'm',
    against: 1,
    new_rows: 1000,
    distribution: bins(30),
  };

  test('nothing new to learn: no candidate, the live version stays, and drift of the new rows is reported', async () => {
    const log = [first];
    const verdict = await ask({
      log,
      dossiers: { 1: live },
      review: { ...review, unchanged: 'nothing new to learn: v1' },
    });
    expect(verdict).toMatchObject({ verdict: 'keep', version: 1, usable: true, drift: { against: 1, rows: 1000 } });
    expect(verdict.reason).toMatch(
      /^nothing new to learn: v1; charge has drifted since v1 \(PSI \d\.\d\d over 1,000 new rows\)$/,
    );
    expect(metricsOf(verdict).map(({ name }) => name)).toEqual(['Drift', 'ScoreDrift']);
    expect(log).toEqual([first]);
  });

  test('drift is measured on the new rows, not on all rows of the training', async () => {
    const same = candidate({ distribution: bins(0), comparisons: [compared(0, -0.01, 0.01)] });
    const verdict = await ask({ log: [first], dossiers: { 1: live, 2: same }, review });
    expect(verdict.drift!.features[0]!.psi).toBeGreaterThan(1);
    const { distribution: _, ...few } = review;
    const quiet = await ask({ log: [first], dossiers: { 1: live, 2: same }, review: { ...few, new_rows: 3 } });
    expect(quiet).not.toHaveProperty('drift');
  });
});
