import { runName } from './run-name.ts';

export type Cause = 'schedule' | 'objects' | 'manual' | 'alarm' | 'back-pressure';

/** Parameters of a run, such as `{snapshot_date: '2025-06-30'}` or `{force: ['train']}`. */
export type Parameters = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Input of the state machine's execution. `plan`, `root` (the lake) and `data` (the raw files) are `s3://` places. */
export interface ExecutionInput {
  run: string;
  pipeline: string;
  cause: Cause;
  plan: string;
  root: string;
  data: string;
  parameters: Parameters;
}

/** The input fields that all runs of the pipeline share. */
export type RunTarget = Pick<ExecutionInput, 'pipeline' | 'plan' | 'root' | 'data'>;

/** A run that holds the pipeline, from just before its execution starts until its end is known. Times are ISO 8601. */
export interface Running {
  input: ExecutionInput;
  since: string;
  /** When the status of its execution was last checked. */
  checked: string;
}

/** Events that arrived during a run; together they get one run after it. */
export interface Waiting {
  /** Number of waiting events. */
  events: number;
  since: string;
  parameters: Parameters;
}

/** A stop: no run starts until `until`. Times are ISO 8601. */
export interface Stop {
  since: string;
  until: string;
  /** The alarm state change or budget notice that caused it. */
  by: string;
}

/** The one record that decides whether a run may start. It is only written if `revision` is still the one that was read. */
export interface RunState {
  revision: number;
  running?: Running;
  waiting?: Waiting;
  /** Applies until its time is over; the field itself may stay longer. */
  stopped?: Stop;
  /** Name of the newest run. */
  last?: string;
}

/** A request for a run. Several ids are a burst that one run answers. */
export interface Arrival {
  cause: Exclude<Cause, 'back-pressure'>;
  /** One id per event; a redelivered event has the same id. */
  ids: readonly string[];
  at: Date;
  parameters: Parameters;
  /** Whether it waits for the end of a run in progress. */
  waits: boolean;
}

export const unstarted: RunState = { revision: 0 };

/** The stop that applies at that time. */
export function stopAt({ stopped }: RunState, now: Date): Stop | undefined {
  return stopped !== undefined && now.getTime() < Date.parse(stopped.until) ? stopped : undefined;
}

export function unstopped({ stopped: _, ...state }: RunState): RunState {
  return state;
}

/** The state in which a new run holds the pipeline and answers all waiting events. */
export function holding(
  state: RunState,
  target: RunTarget,
  why: Pick<ExecutionInput, 'cause' | 'parameters'> & { ids: readonly string[]; at: Date },
  now: Date,
): RunState & { running: Running } {
  // An event's clock may be ahead, or its date typed by hand; every later run name would then have to be later still.
  const at = new Date(Math.max(0, Math.min(why.at.getTime(), now.getTime())));
  // A schedule gives all pipelines of an environment the same event.
  const run = runName(at, [target.pipeline, why.cause, ...why.ids], state.last);
  const parameters = { ...state.waiting?.parameters, ...why.parameters };
  const time = now.toISOString();
  return {
    revision: state.revision + 1,
    running: { input: { run, ...target, cause: why.cause, parameters }, since: time, checked: time },
    last: run,
  };
}

/**
 * The state in which an arrival waits for the end of the current run or of a stop, or is only recorded as seen. `looked`: the status
 * of the run was just checked.
 */
export function afterwards(state: RunState, arrival: Arrival, events: number, looked: boolean, now: Date): RunState {
  const before = state.waiting ?? { events: 0, since: now.toISOString(), parameters: {} };
  const waiting = {
    ...before,
    events: before.events + events,
    parameters: { ...before.parameters, ...arrival.parameters },
  };
  return {
    ...state,
    revision: state.revision + 1,
    ...(state.running && looked && { running: { ...state.running, checked: now.toISOString() } }),
    ...(arrival.waits && { waiting }),
  };
}

/** The state after the end of a run if no other starts. Waiting events keep waiting, and a stop still applies. */
export function idle(state: RunState): RunState {
  return { ...withoutRun(state), revision: state.revision + 1 };
}

export function withoutRun({ running: _, ...state }: RunState): RunState {
  return state;
}
