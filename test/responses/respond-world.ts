import type { PromotionEntry } from '../../lib/gate/promotions.ts';
import type { AuditEntry, RespondPorts } from '../../lib/responses/respond.ts';
import { type Stop, stopAt } from '../../lib/runs/run-state.ts';
import { arrived } from '../../lib/runs/start-runs.ts';
import { liftStop, stopRuns } from '../../lib/runs/stop-runs.ts';
import { TriggerWorld } from '../runs/run-world.ts';

/** The ports of the responder, in memory. `faulty` names the ports that fail, `turn` interleaves the calls. */
export class RespondWorld implements RespondPorts {
  readonly pipeline = 'churn';
  readonly runs = new TriggerWorld();
  readonly logs = new Map<string, PromotionEntry[]>();
  readonly audits: AuditEntry[] = [];
  readonly notices: { subject: string; text: string }[] = [];
  readonly faulty = new Set<keyof RespondPorts>();
  /** The schedule of the pipeline, if any, and when it begins. */
  scheduled = true;
  begins = new Date(0);
  pauses = 0;
  clock = Date.parse('2026-11-21T08:00:00Z');
  readonly #claims = new Map<string, { standing: 'acting' | 'done' | 'failed'; until: number }>();
  readonly #slots = new Map<string, { since: number; holder: string }>();

  constructor(readonly turn: (label: string) => Promise<void> = async () => {}) {}

  claim = (transition: string) =>
    this.#call('claim', () => {
      const claim = this.#claims.get(transition);
      if (claim?.standing === 'done') return 'done' as const;
      if (claim?.standing === 'acting' && claim.until >= this.clock) return 'busy' as const;
      this.#claims.set(transition, { standing: 'acting', until: this.clock + 120_000 });
      return 'mine' as const;
    });

  settle = (transition: string, standing: 'done' | 'failed') =>
    this.#call('settle', () => {
      this.#claims.set(transition, { standing, until: 0 });
    });

  reserveSlot = (slot: string, holder: string, coolDownMs: number) =>
    this.#call('reserveSlot', () => {
      const held = this.#slots.get(slot);
      if (held && held.since > this.clock - coolDownMs && held.holder !== holder) return false;
      this.#slots.set(slot, { since: this.clock, holder });
      return true;
    });

  releaseSlot = (slot: string, holder: string) =>
    this.#call('releaseSlot', () => {
      if (this.#slots.get(slot)?.holder === holder) this.#slots.delete(slot);
    });

  audit = (entry: AuditEntry) => this.#call('audit', () => void this.audits.push(entry));

  notify = (subject: string, text: string) => this.#call('notify', () => void this.notices.push({ subject, text }));

  retrain = (id: string, at: Date) => {
    const arrival = { cause: 'alarm' as const, ids: [id], at, parameters: { force: ['train'] }, waits: true };
    return this.#call('retrain', () => arrived(arrival, this.runs));
  };

  rescore = (id: string, at: Date) => {
    const arrival = { cause: 'alarm' as const, ids: [id], at, parameters: {}, waits: true };
    return this.#call('rescore', () => arrived(arrival, this.runs));
  };

  history = (model: string) => this.#call('history', () => structuredClone(this.logs.get(model) ?? []));

  /** Versions that cannot score: `<model> v<version>`. */
  readonly damaged = new Set<string>();

  damage = (model: string, version: number) =>
    this.#call('damage', () => {
      if (!this.damaged.has(`${model} v${version}`)) return undefined;
      return { code: 'MR404', path: `models/${model}/v${version}`, message: `v${version} cannot score` };
    });

  append = (model: string, entry: PromotionEntry) =>
    this.#call('append', () => {
      const log = this.logs.get(model) ?? [];
      if (log.some(({ sequence }) => sequence === entry.sequence)) return false;
      this.logs.set(model, [...log, entry]);
      return true;
    });

  pause = (until: Date) =>
    this.#call('pause', () => {
      if (!this.scheduled) return 'no schedule' as const;
      if (this.begins >= until) return 'paused before' as const;
      this.begins = until;
      this.pauses++;
      return 'paused' as const;
    });

  resume = (until: Date) =>
    this.#call('resume', () => {
      if (!this.scheduled) return 'no schedule' as const;
      if (this.begins.getTime() !== until.getTime()) return 'as it was' as const;
      this.begins = new Date(0);
      return 'on again' as const;
    });

  stop = (stop: Stop) => this.#call('stop', () => stopRuns(stop, this.runs));

  stopped = () => this.#call('stopped', () => stopAt(this.runs.state, this.now()));

  lift = () => this.#call('lift', () => liftStop(this.runs));

  now = () => new Date(this.clock);

  /** The gate promoted a version two hours ago, before any alarm. */
  promoted(model: string, ...versions: number[]): this {
    for (const version of versions) {
      const log = this.logs.get(model) ?? [];
      const at = new Date(this.clock - 2 * 3600_000).toISOString();
      this.logs.set(model, [
        ...log,
        { sequence: log.length + 1, version, run: `r-${version}`, at, metric: 'auc', value: 0.8 },
      ]);
    }
    return this;
  }

  versions(model: string): number[] {
    return (this.logs.get(model) ?? []).map(({ version }) => version);
  }

  async #call<T>(name: keyof RespondPorts, effect: () => T | Promise<T>): Promise<T> {
    await this.turn(name);
    if (this.faulty.has(name)) throw new Error(`${name} is out of order`);
    return effect();
  }
}
