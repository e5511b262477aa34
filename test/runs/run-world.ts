import { type ExecutionInput, type RunState, unstarted } from '../../lib/runs/run-state.ts';
import type { TriggerPorts } from '../../lib/runs/start-runs.ts';

export type Chance = 'good' | 'fails before' | 'fails after' | 'late';

interface Execution {
  input: ExecutionInput;
  startedAt: number;
  over: boolean;
}

export class Lost extends Error {}

/** A table and a state machine in memory. `turn` interleaves the calls; `chance` makes them fail or answer late. */
export class TriggerWorld implements TriggerPorts {
  readonly target = { pipeline: 'churn', plan: 's3://artefacts/plan.json', root: 's3://lake', data: 's3://raw' };
  readonly executions = new Map<string, Execution>();
  readonly wrong: string[] = [];
  /** Event -> the runs that were decided because of it. */
  readonly runsOf = new Map<string, Set<string>>();
  state: RunState = unstarted;
  clock = Date.parse('2026-11-21T08:00:00Z');
  /** Counts effects: a later effect has a greater tick. */
  tick = 0;
  calls: string[] = [];
  readonly #waiting = new Set<string>();

  constructor(
    readonly turn: (label: string) => Promise<void> = async () => {},
    public chance: () => Chance = () => 'good',
  ) {}

  read = () => this.#call('read', () => structuredClone(this.state));

  write = (to: RunState, events: readonly string[]) =>
    this.#call('write', () => {
      if (events.length > 99) this.wrong.push(`${events.length} events in one transaction`);
      const known = events.filter((event) => this.runsOf.has(event));
      if (known.length > 0) return { known };
      if (to.revision !== this.state.revision + 1) return 'changed' as const;
      for (const event of events) this.runsOf.set(event, new Set());
      const run = to.running?.input.run;
      const decided = run !== undefined && run !== this.state.running?.input.run;
      if (decided || to.waiting) for (const event of events) this.#waiting.add(event);
      if (decided) this.#answer(run);
      this.state = structuredClone(to);
      return 'written' as const;
    });

  note = (events: readonly string[]) =>
    this.#call('note', () => {
      const known = events.filter((event) => this.runsOf.has(event));
      if (known.length > 0) return { known };
      for (const event of events) this.runsOf.set(event, new Set());
      return 'written' as const;
    });

  start = (input: ExecutionInput) =>
    this.#call('start', () => {
      const before = this.executions.get(input.run);
      if (before) {
        if (JSON.stringify(before.input) !== JSON.stringify(input)) this.wrong.push(`two inputs for ${input.run}`);
        return;
      }
      for (const run of this.on()) this.wrong.push(`${input.run} starts beside ${run}`);
      this.executions.set(input.run, { input, startedAt: this.tick, over: false });
    });

  status = (run: string) =>
    this.#call('status', (late) => {
      const execution = this.executions.get(run);
      if (execution === undefined) return 'none';
      if (execution.over) return late ? 'running' : 'ended';
      return late ? 'none' : 'running';
    });

  now = () => new Date(this.clock);

  pause = () => this.turn('pause');

  /** The names of the current runs: at most one, unless there is a fault. */
  on(): string[] {
    return [...this.executions].filter(([, { over }]) => !over).map(([run]) => run);
  }

  /** Ends the current run. */
  finish(): string | undefined {
    this.clock += 1000;
    const [run] = this.on();
    if (run !== undefined) this.executions.get(run)!.over = true;
    return run;
  }

  #answer(run: string): void {
    for (const event of this.#waiting) this.runsOf.get(event)!.add(run);
    this.#waiting.clear();
  }

  async #call<T>(name: string, effect: (late: boolean) => T): Promise<T> {
    await this.turn(name);
    this.calls.push(name);
    const chance = this.chance();
    if (chance === 'fails before') throw new Lost(`${name} was not heard`);
    this.tick++;
    const answer = effect(chance === 'late');
    await this.turn(`${name} answers`);
    if (chance === 'fails after') throw new Lost(`the answer to ${name} was lost`);
    return answer;
  }
}
