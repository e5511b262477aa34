import { describe, expect, test } from 'vitest';
import type { Review } from '../../lib/documents/model.ts';
import { judge } from '../../lib/gate/gate.ts';
import type { QualityPorts } from '../../lib/gate/ports.ts';
import { lastGood } from '../../lib/gate/promotions.ts';
import type { AlarmChange } from '../../lib/responses/alarms.ts';
import { respond } from '../../lib/responses/respond.ts';
import { ended } from '../../lib/runs/start-runs.ts';
import type { BinaryComparison, BinaryDossier } from '../learning/binary.ts';
import { sampleDossier } from '../report/sample.ts';
import { RespondWorld } from './respond-world.ts';

/**
 * A bad version was promoted, and two alarms fire: `drift`, which trains, and `model-worse`, which rolls back. In any order,
 * the better model is live in the end.
 */

const minutes = 60_000;

/** The AUC of a model that was trained on these rows. */
type Worth = Readonly<Record<string, number>>;

class Play {
  readonly world = new RespondWorld();
  readonly dossiers = new Map<number, BinaryDossier>();
  /** The current rows. */
  rows = 'bad rows';

  constructor(readonly worth: Worth) {
    for (const [version, rows] of [
      [1, 'old rows'],
      [2, 'bad rows'],
    ] as const) {
      this.dossiers.set(version, this.dossier(version, rows, []));
      this.world.clock += 10 * minutes;
      this.promote(
        version,
        `r${version}`,
        worth[rows]!,
        version === 1 ? [] : [{ against: 1, difference: worth[rows]! - worth['old rows']! }],
      );
    }
    this.world.clock += 5 * minutes;
  }

  get log() {
    return this.world.logs.get('m') ?? [];
  }

  get live() {
    return this.log.at(-1)!.version;
  }

  alarm(suffix: 'drift' | 'model-worse'): AlarmChange {
    const at = new Date(this.world.clock);
    return { alarm: `p-${suffix}`, state: 'ALARM', reason: 'r', at, model: 'm' };
  }

  /** The queued run, if it trains: the engine, then the gate. */
  async trains(): Promise<void> {
    const asked = [...this.world.runs.executions.values()].some(({ input }) => input.parameters['force'] !== undefined);
    if (!asked) return;
    const version = Math.max(...this.dossiers.keys()) + 1;
    const learned = { rows: this.rows, parameters: 'p' };
    const unchanged = this.dossiers.get(this.live)!.learned!.rows === learned.rows;
    const review: Review = {
      format: 'millrace-review',
      version: 1,
      run: 'r',
      model: 'm',
      against: this.live,
      new_rows: 0,
    };
    if (!unchanged) {
      const rivals = [this.live, ...(lastGood(this.log) === undefined ? [] : [lastGood(this.log)!.version])];
      this.dossiers.set(version, this.dossier(version, this.rows, rivals));
    }
    const ports: QualityPorts = {
      dossier: async (_, of) => this.dossiers.get(of)!,
      review: async () => ({ ...review, ...(unchanged && { unchanged: 'nothing new to learn' }) }),
      live: async () => this.log.at(-1),
      history: async () => [...this.log],
      promote: async (_, entry) => this.promote(entry.version, entry.run, entry.value, entry.compared),
      now: () => this.world.now(),
    };
    this.world.clock += 20 * minutes;
    await judge({ pipeline: 'p', model: 'm', version, run: `r${version}`, gate: { auc: 0.5 } }, ports);
  }

  /** Ends the scoring run. */
  async runEnds(): Promise<void> {
    const run = this.world.runs.finish();
    if (run !== undefined) await ended(run, this.world.runs);
  }

  dossier(version: number, rows: string, rivals: readonly number[]): BinaryDossier {
    const auc = this.worth[rows]!;
    const comparisons = rivals.map((against): BinaryComparison => {
      const other = this.dossiers.get(against)!.metrics;
      const difference = auc - other.auc;
      return {
        against,
        rows: 1000,
        auc,
        difference,
        interval: [difference - 0.005, difference + 0.005],
        metrics: other,
      };
    });
    const { metrics } = sampleDossier;
    return {
      ...sampleDossier,
      model_version: version,
      metrics: { ...metrics, auc },
      learned: { rows, parameters: 'p' },
      comparisons,
    };
  }

  promote(version: number, run: string, value: number, compared: { against: number; difference: number }[] = []): void {
    const judged = { metric: 'auc', value, at: this.world.now().toISOString() };
    const entry = { sequence: this.log.length + 1, version, run, ...judged, compared };
    this.world.logs.set('m', [...this.log, entry]);
  }
}

const worth = { 'old rows': 0.84, 'bad rows': 0.8, 'better rows': 0.86, 'middling rows': 0.82 };

describe.each([
  ['nothing new came', 'bad rows', 1],
  ['rows came that give a better model', 'better rows', 3],
  ['rows came that give one between the two', 'middling rows', 1],
])('after a bad version, where %s', (_, rows, best) => {
  test('model-worse before drift: the better version is live in the end', async () => {
    const play = new Play(worth);
    play.rows = rows;
    await respond(play.alarm('model-worse'), play.world);
    expect(play.live).toBe(1);
    await play.runEnds();
    await respond(play.alarm('drift'), play.world);
    await play.trains();
    expect(play.live).toBe(best);
  });

  test('drift before model-worse: the better version is live in the end', async () => {
    const play = new Play(worth);
    play.rows = rows;
    const drop = play.alarm('model-worse');
    await respond(play.alarm('drift'), play.world);
    await play.trains();
    await respond(drop, play.world);
    expect(play.live).toBe(best);
  });

  test('drift, and model-worse while it trains: the better version is live in the end', async () => {
    const play = new Play(worth);
    play.rows = rows;
    const drop = play.alarm('model-worse');
    await respond(play.alarm('drift'), play.world);
    const { history } = play.world;
    // The roll-back has read the log, and is slower than the gate.
    let trained = false;
    play.world.history = async (model) => {
      const log = await history(model);
      if (!trained) {
        trained = true;
        await play.trains();
      }
      return log;
    };
    await respond(drop, play.world);
    expect(play.live).toBe(best);
  });

  test('both alarms again within their cool-downs change nothing', async () => {
    const play = new Play(worth);
    play.rows = rows;
    await respond(play.alarm('model-worse'), play.world);
    await play.runEnds();
    await respond(play.alarm('drift'), play.world);
    await play.trains();
    const before = play.log.length;
    play.world.clock += 10 * minutes;
    expect(await respond(play.alarm('model-worse'), play.world)).toMatchObject({ outcome: 'cooling down' });
    expect(await respond(play.alarm('drift'), play.world)).toMatchObject({ outcome: 'cooling down' });
    expect([play.live, play.log.length]).toEqual([best, before]);
  });
});
