import type { Json } from '../machine.ts';

/** The ports of an execution. Tests use a virtual clock and seeded random numbers. */
export interface Ports {
  /** Invokes a Task's Resource; throws StatesError for a failure that Retry and Catch can match by name. */
  invoke(call: ResourceCall): Promise<Json>;
  clock: { now(): Date; sleep(milliseconds: number, signal: AbortSignal): Promise<void> };
  /** A number in [0, 1), for the jitter of retries, `$random()`, `$uuid()` and `$shuffle()`. */
  random(): number;
  onEvent?(event: StateEvent): void;
}

export interface ResourceCall {
  resource: string;
  arguments: Json;
  state: string;
  /** 0 for the first try. */
  attempt: number;
  /** Aborted when the Task times out, a sibling branch fails, or the execution is stopped. */
  signal: AbortSignal;
  /** The `$states.context` of expressions. */
  context: { [key: string]: Json };
}

/** `path` names the enclosing Map and Parallel states, such as `each item[2].`; `attempt` is 0 for the first try. */
export type StateEvent = { state: string; path: string; attempt: number } & (
  | { type: 'entered'; input: Json }
  | { type: 'exited'; output: Json }
  | { type: 'retried'; error: string; delaySeconds: number }
  | { type: 'caught'; error: string; next: string }
  | { type: 'failed'; error: string; cause: string }
);

export type Execution = { trail: string[]; variables: Record<string, Json> } & (
  | { status: 'SUCCEEDED'; output: Json }
  | { status: 'FAILED'; error: string; cause: string }
  | { status: 'ABORTED' }
);

export interface ExecutionOptions {
  name?: string;
  /** `$states.context.Execution.StartTime`; default: the clock's time. */
  startTime?: Date;
  signal?: AbortSignal;
}
