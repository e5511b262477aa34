import type { Json } from '../machine.ts';

/** What an execution needs of the world. Tests give it a virtual clock and a seeded chance. */
export interface Ports {
  /** Does what a Task's Resource names; throws StatesError for a failure that Retry and Catch may match by name. */
  invoke(call: ResourceCall): Promise<Json>;
  clock: { now(): Date; sleep(milliseconds: number, signal: AbortSignal): Promise<void> };
  /** In [0, 1): the jitter of retries, `$random()`, `$uuid()`, `$shuffle()`. */
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
  /** What expressions see as `$states.context`. */
  context: { [key: string]: Json };
}

/** `path` names the Map and Parallel states around a state, as `each item[2].`; `attempt` is 0 for the first try. */
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
  /** What `$states.context.Execution.StartTime` says; the clock's time unless given. */
  startTime?: Date;
  signal?: AbortSignal;
}
