import { runName } from './run-name.ts';

export type Cause = 'schedule' | 'objects' | 'manual' | 'alarm' | 'back-pressure';

/** What a run is told beside its plan, as `{snapshot_date: '2025-06-30'}` or `{force: ['train']}`. */
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

/** What every run of the pipeline has in common. */
export type RunTarget = Pick<ExecutionInput, 'pipeline' | 'plan' | 'root' | 'data'>;

/** A run that holds the pipeline, from just before its execution starts until its end is known. Times are ISO 8601. */
export interface Running {
  input: ExecutionInput;
  since: string;
  /** When its execution was last looked at. */
  checked: string;
}

/** What came while a run was on and gets one run of its own after it. */
export interface Waiting {
  /** How many events wait. */
  events: number;
  since: string;
  parameters: Parameters;
}

/** Why no run starts, and until when. Times are ISO 8601. */
export interface Stop {
  since: string;
  until: string;
  /** The change of an alarm, or the message of a budget, that asked for it. */
  by: string;
}

/** The one record that decides who may start a run. Written only where `revision` is still the one that was read. */
export interface RunState {
  revision: number;
  running?: Running;
  waiting?: Waiting;
  /** Counts until its time is over, and stays in the record until somebody writes it anew. */
  stopped?: Stop;
  /** Name of the newest run. */
  last?: string;
}

/** Something that asks for a run. Several ids are a burst that one run answers. */
export interface Arrival {
  cause: Exclude<Cause, 'back-pressure'>;
  /** One id an event: what is delivered twice bears the same id. */
  ids: readonly string[];
  at: Date;
  parameters: Parameters;
  /** Whether it gets a run later when one is on now. */
  waits: boolean;
}

export const unstarted: RunState = { revision: 0 };

/** The stop that holds at that time. */
export function stopAt({ stopped }: RunState, now: Date): Stop | undefined {
  return stopped !== undefined && now.getTime() < Date.parse(stopped.until) ? stopped : undefined;
}

export function unstopped({ stopped: _, ...state }: RunState): RunState {
  return state;
}

/** The state in which a new run holds the pipeline, and answers whatever waited. */
export function holding(
  state: RunState,
  target: RunTarget,
  why: Pick<ExecutionInput, 'cause' | 'parameters'> & { ids: readonly string[]; at: Date },
  now: Date,
): RunState & { running: Running } {
  // An event may come from a clock that is ahead, or be dated by hand: all later names would have to be later still.
  const at = new Date(Math.max(0, Math.min(why.at.getTime(), now.getTime())));
  const run = runName(at, [why.cause, ...why.ids], state.last);
  const parameters = { ...state.waiting?.parameters, ...why.parameters };
  const time = now.toISOString();
  return {
    revision: state.revision + 1,
    running: { input: { run, ...target, cause: why.cause, parameters }, since: time, checked: time },
    last: run,
  };
}

/**
 * The state in which an arrival waits for the end of the run that is on, or of a stop, or is only noted as seen. `looked`: the run was
 * seen to be on.
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

/** The state after the run's end when no other begins. What waits goes on waiting, and a stop holds on. */
export function idle(state: RunState): RunState {
  return { ...withoutRun(state), revision: state.revision + 1 };
}

export function withoutRun({ running: _, ...state }: RunState): RunState {
  return state;
}
