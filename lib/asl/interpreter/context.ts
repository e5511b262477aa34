import type { Json } from '../machine.ts';
import type { Bindings } from './expressions.ts';
import { statesFunctions } from './functions.ts';
import type { Ports, StateEvent } from './ports.ts';
import type { Scope } from './scope.ts';

/** Where a state runs: the execution it belongs to, the Map items and branches around it, what stops it. */
export interface Setting {
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
export function contextOf(setting: Setting, state: Entered): { [key: string]: Json } {
  return {
    ...setting.context,
    State: { Name: state.name, EnteredTime: state.enteredTime, RetryCount: state.attempt },
  };
}

/** What an expression in this state sees: `$states`, the variables, the functions. */
export function bindingsOf(setting: Setting, state: Entered, extra: { [key: string]: Json } = {}): Bindings {
  return {
    ...statesFunctions(setting.ports),
    ...setting.scope.all(),
    states: { input: state.input, context: contextOf(setting, state), ...extra },
  };
}

type OfState<E> = E extends unknown ? Omit<E, 'state' | 'path' | 'attempt'> : never;

export function tell(setting: Setting, { name, attempt }: Entered, event: OfState<StateEvent>): void {
  setting.ports.onEvent?.({ ...event, state: name, attempt, path: setting.path } as StateEvent);
}
