import {
  type Execution,
  execute,
  type Ports,
  type ResourceCall,
  type StateEvent,
} from '../../lib/asl/interpreter/index.ts';
import type { Json, Machine, State } from '../../lib/asl/machine.ts';

/** A world without real time: sleeping advances the clock at once, in the order in which sleepers would wake. */
export class World implements Ports {
  private time = Date.parse('2025-01-01T00:00:00.000Z');
  private readonly sleepers: { at: number; wake: () => void }[] = [];
  readonly slept: number[] = [];
  readonly events: StateEvent[] = [];
  readonly calls: ResourceCall[] = [];
  constructor(
    private readonly resources: Record<string, (call: ResourceCall, world: World) => Promise<Json> | Json> = {},
    readonly random: () => number = () => 0.5,
  ) {}

  readonly clock = {
    now: () => new Date(this.time),
    sleep: (milliseconds: number, signal: AbortSignal): Promise<void> => {
      this.slept.push(milliseconds);
      return new Promise((resolve, reject) => {
        const sleeper = { at: this.time + milliseconds, wake: resolve };
        this.sleepers.push(sleeper);
        signal.addEventListener('abort', () => {
          const at = this.sleepers.indexOf(sleeper);
          // Skip a sleeper that has already woken.
          if (at >= 0) this.sleepers.splice(at, 1);
          reject(signal.reason);
        });
        setImmediate(() => this.advance());
      });
    },
  };

  /** When nothing else can continue, time advances to the next sleeper. */
  private advance(): void {
    const next = this.sleepers.sort((a, b) => a.at - b.at)[0];
    if (next === undefined) return;
    this.time = Math.max(this.time, next.at);
    this.sleepers.splice(0, 1);
    next.wake();
    setImmediate(() => this.advance());
  }

  invoke = async (call: ResourceCall): Promise<Json> => {
    this.calls.push(call);
    const resource = this.resources[call.resource];
    if (resource === undefined) return call.arguments;
    return resource(call, this);
  };

  onEvent = (event: StateEvent): void => {
    this.events.push(event);
  };
}

/** Runs states that begin with the first one given. */
export function run(
  states: Record<string, State>,
  input: Json = {},
  world = new World(),
  more: Partial<Machine> = {},
): Promise<Execution> {
  const machine: Machine = { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0]!, States: states, ...more };
  return execute(machine, input, world);
}
