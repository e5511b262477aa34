import type { Json } from '../machine.ts';
import type { Bindings } from './expressions.ts';
import { statesFunctions } from './functions.ts';
import type { Ports, StateEvent } from './ports.ts';

/** Where a state runs: the execution it belongs to, the Map items and branches around it, what stops it. */
export interface ExecutionContext {
  ports: Ports;
  /** `$states.context`, less what belongs to the state itself. */
  context: { [key: string]: Json };
  scope: Scope;
  signal: AbortSignal;
  path: string;
  trail: string[];
}

/** A state that is being run: its name, its input, when it was entered. */
export interface Entered {
  name: string;
  input: Json;
  enteredTime: string;
  attempt: number;
}

/** `$states.context` as this state sees it. */
export function contextOf(execution: ExecutionContext, state: Entered): { [key: string]: Json } {
  return {
    ...execution.context,
    State: { Name: state.name, EnteredTime: state.enteredTime, RetryCount: state.attempt },
  };
}

/** What an expression in this state sees: `$states`, the variables, the functions. */
export function bindingsOf(execution: ExecutionContext, state: Entered, extra: { [key: string]: Json } = {}): Bindings {
  return {
    ...statesFunctions(execution.ports),
    ...execution.scope.all(),
    states: { input: state.input, context: contextOf(execution, state), ...extra },
  };
}

type OfState<E> = E extends unknown ? Omit<E, 'state' | 'path' | 'attempt'> : never;

export function tell(execution: ExecutionContext, { name, attempt }: Entered, event: OfState<StateEvent>): void {
  execution.ports.onEvent?.({ ...event, state: name, attempt, path: execution.path } as StateEvent);
}

/** Variables as states see them. Those of outer scopes are read, never assigned: parallel branches cannot disturb each other. */
export class Scope {
  private readonly own = new Map<string, Json>();
  constructor(private readonly outer?: Scope) {}

  assign(values: Readonly<Record<string, Json>>): void {
    for (const [name, value] of Object.entries(values)) this.own.set(name, value);
  }

  /** Whether an enclosing scope holds this name, which a branch or an item may then not assign. */
  outerHas(name: string): boolean {
    return this.outer !== undefined && (this.outer.own.has(name) || this.outer.outerHas(name));
  }

  all(): Record<string, Json> {
    return { ...this.outer?.all(), ...Object.fromEntries(this.own) };
  }
}
