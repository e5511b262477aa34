import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { emptyState } from '../../lib/documents/bookmark-state.ts';
import type { Promotion } from '../../lib/gate/ports.ts';
import { millrace } from '../e2e/lab.ts';
import type { BinaryComparison, BinaryDossier } from '../learning/binary.ts';
import { writeVersion } from '../local/version-folder.ts';
import { sampleDossier } from '../report/sample.ts';

/** `millrace models`, on a lake that holds three versions of one model: v1 and v2 were promoted, v3 was held. */

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'millrace-models-'));
  for (const version of [1, 2, 3]) await aVersion(version);
  await promoted({ version: 1, run: 'r-1', at: '2026-01-01T08:00:00.000Z', metric: 'auc', value: 0.81 });
  await promoted({ version: 2, run: 'r-2', at: '2026-02-01T08:00:00.000Z', metric: 'auc', value: 0.82 });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const folder = (...names: string[]) => path.join(root, 'models', 'shop', 'loyal', ...names);

async function aVersion(version: number): Promise<void> {
  const { metrics } = sampleDossier;
  const beside: BinaryComparison = {
    against: version - 1,
    rows: 900,
    auc: 0.8 + version / 100,
    difference: 0.01,
    interval: [-0.002, 0.02],
    metrics,
  };
  const dossier: BinaryDossier = {
    ...sampleDossier,
    model_version: version,
    metrics: { ...metrics, auc: 0.8 + version / 100 },
    comparisons: version === 1 ? [] : [beside],
    leaks: [],
  };
  await writeVersion(folder(`v${version}`), { 'model.json': '{}', 'dossier.json': JSON.stringify(dossier) });
}

async function promoted(entry: Promotion): Promise<void> {
  await appendFile(folder('promotions.jsonl'), `${JSON.stringify(entry)}\n`);
}

const models = (...words: string[]) => millrace('models', ...words, '--root', root);
async function document(...words: string[]): Promise<Record<string, unknown>> {
  const said = await models(...words, '--json');
  return JSON.parse(said.out) as Record<string, unknown>;
}

describe('millrace models', () => {
  test('list says whether each version is live, was live, or never was', async () => {
    const said = await models('list', 'shop');
    expect(said.code).toBe(0);
    expect(said.out).toMatch(/v1 +0\.8100 +was live +2026-01-01 08:00 UTC/);
    expect(said.out).toMatch(/v2 +0\.8200 +live +2026-02-01 08:00 UTC/);
    expect(said.out).toMatch(/v3 +0\.8300 +never live\n/);
    expect(await document('list', 'shop')).toMatchObject({ models: [{ model: 'loyal', live: 2 }] });
  });

  test('list names the metric of each version if the objective changed', async () => {
    await promoted({ version: 4, run: 'r-4', at: '2026-03-01T08:00:00.000Z', metric: 'r2', value: 0.61 });
    const { out } = await models('list', 'shop');
    expect(out).toMatch(/^ *version +judged by +standing/m);
    expect(out).toMatch(/v2 +AUC 0\.8200 +was live/);
    expect(out).toMatch(/v4 +R² 0\.6100 +live/);
  });

  test('show prints the live version, or the given one', async () => {
    expect((await models('show', 'shop')).out).toMatch(/^model loyal v2 {2}live\n/);
    const { out } = await models('show', 'shop', 'loyal', 'v3');
    expect(out).toMatch(/^model loyal v3 {2}never live\n/);
    expect(out.replace(/\n */g, ' ')).toContain('a difference of +0.0100 (95 % interval -0.0020 to +0.0200)');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('the name of a model in place of the pipeline is MR101, with the pipeline that has the model', async () => {
    const said = await models('compare', 'loyal');
    expect([said.code, said.err]).toEqual([
      2,
      expect.stringMatching(
        /MR101 .*"loyal"[\s\S]*try {3}loyal is a model of shop: `millrace models compare shop loyal`\n/,
      ),
    ]);
    expect((await models('compare', 'nothing')).err).toMatch(/MR101[\s\S]*known: .*churn/);
  });

  test('compare takes one version to compare with the live one, or two', async () => {
    expect(await document('compare', 'shop', '1')).toMatchObject({ versions: [1, 2], beside: { against: 1 } });
    expect(await document('compare', 'shop', 'loyal', '3', 'v2')).toMatchObject({ versions: [2, 3] });
    expect((await models('compare', 'shop')).err).toContain('MR414');
  });

  test('promote makes a version live, and says who requested it and that the next run scores with it', async () => {
    const { out } = await models('promote', 'shop', '3');
    expect(out).toBe('loyal v3 is live, instead of v2\nthe next run scores with it: `millrace run shop`\n');
    expect((await models('list', 'shop')).out).toMatch(/v3 +0\.8300 +live/);
    expect((await models('show', 'shop', '3')).out).toMatch(/promoted by \S+, by hand/);
    expect((await models('promote', 'shop', '3')).out).toBe('loyal v3 is live already\n');
  });

  test('rollback restores the previous good version, and fails on a first version', async () => {
    expect((await models('rollback', 'shop')).out).toMatch(/^loyal v1 is live again, instead of v2\n/);
    expect((await models('list', 'shop')).out).toMatch(/v2 +0\.8200 +rolled back/);
    const none = await models('rollback', 'shop');
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('MR412')]);
    await rm(folder('promotions.jsonl'));
    await promoted({ version: 1, run: 'r-1', at: '2026-01-01T08:00:00.000Z', metric: 'auc', value: 0.81 });
    expect((await models('rollback', 'shop')).err).toContain(
      'v1 is the first version of loyal, so there is no version to roll back to',
    );
  });

  test.each([
    ['manifest.json', 'is missing or damaged'],
    ['model.json', 'is missing'],
  ])('promote refuses a version whose %s is gone, and names the file', async (file, how) => {
    await rm(folder('v3', file));
    const { code, err } = await models('promote', 'shop', '3');
    expect(code).toBe(1);
    expect(err.replace(/\s+/g, ' ')).toContain(
      `MR404 v3 of model "loyal" cannot score: ${file} ${how} at ${folder('v3', file)} try restore the folder`,
    );
    expect(await document('list', 'shop')).toMatchObject({ models: [{ live: 2 }] });
  });

  test('rollback passes over a version that cannot score, and fails if no other is whole', async () => {
    await promoted({ version: 3, run: 'r-3', at: '2026-03-01T08:00:00.000Z', metric: 'auc', value: 0.83 });
    await writeFile(folder('v2', 'model.json'), '{ }');
    expect((await models('rollback', 'shop')).out.replace(/\s+/g, ' ')).toContain(
      'loyal v1 is live again, instead of v3 (passed over: v2 of model "loyal" cannot score: model.json was changed',
    );
    await rm(folder('promotions.jsonl'));
    await promoted({ version: 2, run: 'r-2', at: '2026-02-01T08:00:00.000Z', metric: 'auc', value: 0.82 });
    await promoted({ version: 3, run: 'r-3', at: '2026-03-01T08:00:00.000Z', metric: 'auc', value: 0.83 });
    const none = await models('rollback', 'shop');
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('MR412')]);
    expect(none.err.replace(/\s+/g, ' ')).toContain('no other good version of loyal is whole (passed over: v2');
    expect(await document('list', 'shop')).toMatchObject({ models: [{ live: 3 }] });
  });

  test.each([
    ['2025-12-31', null],
    ['2026-01-01T07:59Z', null],
    ['2026-01-01T08:00Z', 1],
    ['2026-01-31 23:00', 1],
    ['2026-02-01T09:30:00+02:00', 1],
    ['2026-02-01T10:00:00+02:00', 2],
    ['2099-01-01T00:00Z', 2],
  ])('live-at %s is %s', async (at, version) => {
    const { live } = (await document('live-at', 'shop', at)) as { live: Promotion | null };
    expect(live?.version ?? null).toBe(version);
  });

  test.each([
    [['live-at', 'shop', '2026-13-01'], 'MR414', 2],
    [['live-at', 'shop'], 'MR414', 2],
    [['show', 'shop', '9'], 'MR411', 2],
    [['show', 'shop', 'loyl'], 'MR135', 2],
    [['list', 'shopp'], 'MR101', 2],
  ])('%j is a fault with a code', async (words, code, exit) => {
    const said = await models(...words);
    expect([said.code, said.err]).toEqual([exit, expect.stringContaining(code)]);
  });

  test('an incomplete last line of the log gives a warning, here and in status, even when it is cut off', async () => {
    await appendFile(folder('promotions.jsonl'), '{"version":3,"run":"r-3');
    await mkdir(path.join(root, 'state'));
    await writeFile(path.join(root, 'state', 'shop.json'), JSON.stringify({ ...emptyState('shop'), revision: 1 }));
    const said = [await models('list', 'shop'), await millrace('status', 'shop', '--root', root)];
    said.push(await models('promote', 'shop', '3'));
    for (const { code, err } of said) {
      expect([code, err]).toEqual([
        0,
        expect.stringMatching(/MR340 .*loyal.*\{"version":3,"run":"r-3[\s\S]*check that v2 should be live/),
      ]);
    }
    expect((await models('list', 'shop')).err).not.toContain('MR340');
  });
});
