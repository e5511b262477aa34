import type { Json } from '../machine.ts';
import type { Bindings } from './expressions.ts';
import { statesFunctions } from './functions.ts';
import type { Ports, StateEvent } from './ports.ts';

/** The context of a state: its execution, the enclosing Map items and branches, and its stop signal. */
export interface ExecutionContext {
  ports: Ports;
  /** `$states.context` without the part of the state itself. */
  context: { [key: string]: Json };
  scope: Scope;
  signal: AbortSignal;
  path: string;
  trail: string[];
}

/** A running state: its name, its input, and the time it was entered. */
export interface Entered {
  name: string;
  input: Json;
  enteredTime: string;
  attempt: number;
}

/** `$states.context` for this state. */
export function contextOf(execution: ExecutionContext, state: Entered): { [key: string]: Json } {
  return {
    ...execution.context,
    State: { Name: state.name, EnteredTime: state.enteredTime, RetryCount: state.attempt },
  };
}

/** The bindings of an expression in this state: `$states`, variables, functions. */
export function bindingsOf(execution: ExecutionContext, state: Entered, extra: { [key: string]: Json } = {}): Bindings {
  return {
    ...statesFunctions(execution.ports),
    ...execution.scope.all(),
    states: { input: state.input, context: contextOf(execution, state), ...extra },
  };
}

type OfState<E> = E extends unknown ? Omit<E, 'state' | 'path' | 'attempt'> : never;

export function emitEvent(execution: ExecutionContext, { name, attempt }: Entered, event: OfState<StateEvent>): void {
  execution.ports.onEvent?.({ ...event, state: name, attempt, path: execution.path } as StateEvent);
}

/** Variables of a scope. Variables of outer scopes are read-only, so that parallel branches cannot interfere. */
export class Scope {
  private readonly assigned = new Map<string, Json>();
  constructor(private readonly outer?: Scope) {}

  assign(values: Readonly<Record<string, Json>>): void {
    for (const [name, value] of Object.entries(values)) this.assigned.set(name, value);
  }

  /** Whether an enclosing scope has this name; a branch or an item may then not assign it. */
  outerHas(name: string): boolean {
    return this.outer !== undefined && (this.outer.assigned.has(name) || this.outer.outerHas(name));
  }

  all(): Record<string, Json> {
    return { ...this.outer?.all(), ...Object.fromEntries(this.assigned) };
  }
}
