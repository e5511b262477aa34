/** Starts the pipeline's runs, one at a time. What comes while one is on is remembered and gets one run when it ends. */

import type { Issue } from '../errors.ts';
import { lostRaces, runsStopped } from './faults.ts';
import {
  type Arrival,
  afterwards,
  type ExecutionInput,
  holding,
  idle,
  type Running,
  type RunState,
  type RunTarget,
  type Stop,
  stopAt,
  withoutRun,
} from './run-state.ts';

export type Written = 'written' | 'changed' | { known: readonly string[] };

export interface TriggerPorts {
  target: RunTarget;
  /** The state as of now, never an older one. */
  read(): Promise<RunState>;
  /**
   * Writes the state and notes the events, all or nothing. `changed`: the state is no longer the one before `to`.
   * `known`: these events were noted before.
   */
  write(to: RunState, events: readonly string[]): Promise<Written>;
  /** Notes events whose run is decided, all or nothing. */
  note(events: readonly string[]): Promise<'written' | { known: readonly string[] }>;
  /** Starts the execution named `input.run`. Started before under this name, on or over: nothing happens. */
  start(input: ExecutionInput): Promise<void>;
  /** May be somewhat late: `none` just after the start, `running` just after the end. `ended` is never wrong. */
  status(run: string): Promise<'none' | 'running' | 'ended'>;
  now(): Date;
  /** Waits before another try, longer each time. */
  pause(attempt: number): Promise<void>;
}

/**
 * `running`: one is on already. `stopped`: none may start, and the issue says what lets them start again. `seen`: these events came before.
 * `over`: the run that ended is not the one that holds the pipeline.
 */
export type StartDecision =
  | { started: true; run: string }
  | { started: false; why: 'running'; run: string; remembered: boolean }
  | { started: false; why: 'stopped'; until: string; remembered: boolean; issue: Issue }
  | { started: false; why: 'seen' | 'nothing waits' | 'over' };

/** Events that one write takes: DynamoDB's transaction of 100 less the state itself. */
const atOnce = 99;
const attempts = 12;
/** After this long without a look, a run that is said to be on is looked at: its end may have got lost. */
const lookAfterMs = 60_000;

/** Starts a run for what arrived, or lets it wait, or tells why not. Delivered twice, it acts once. Throws to be delivered again. */
export async function arrived(arrival: Arrival, ports: TriggerPorts): Promise<StartDecision> {
  const ids = [...new Set(arrival.ids)];
  let held: ExecutionInput | undefined;
  let outcome: StartDecision = { started: false, why: 'seen' };
  for (let i = 0; i < ids.length; i += atOnce) {
    const part = ids.slice(i, i + atOnce);
    if (held) {
      // The run that this very delivery is about to start comes after all that was delivered.
      await noted(part, ports);
      continue;
    }
    const decision = await decided({ ...arrival, ids: part }, ports);
    if ('held' in decision) held = decision.held;
    else if (decision.started || decision.why !== 'seen') outcome = decision;
  }
  if (held === undefined) return outcome;
  await ports.start(held);
  return { started: true, run: held.run };
}

/** One write's worth of events: the run that now holds the pipeline for them and is to be started, or an outcome. */
async function decided(arrival: Arrival, ports: TriggerPorts): Promise<{ held: ExecutionInput } | StartDecision> {
  let fresh = arrival.ids;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const now = ports.now();
    const state = await ports.read();
    const { running } = state;
    const look = running !== undefined && (fresh.length === 0 || !arrival.waits || isDue(running, now));
    const status = look ? await ports.status(running.input.run) : 'running';
    // Whoever decided on this run did not come to start it.
    if (running && status === 'none') await ports.start(running.input);
    if (fresh.length === 0) {
      if (running && status === 'ended') return ended(running.input.run, ports);
      return running && status === 'none' ? { started: true, run: running.input.run } : { started: false, why: 'seen' };
    }
    const free = running === undefined || status === 'ended';
    const stop = free ? stopAt(state, now) : undefined;
    const next = !free
      ? afterwards(state, arrival, fresh.length, look, now)
      : stop === undefined
        ? holding(state, ports.target, { ...arrival, ids: fresh }, now)
        : // Once written down, it goes on waiting until the stop is over.
          afterwards(withoutRun(state), arrival, fresh.length, false, now);
    const written = await ports.write(next, fresh);
    if (written === 'written') {
      if (!free) return { started: false, why: 'running', run: running.input.run, remembered: arrival.waits };
      if (stop !== undefined) return refused(stop, ports.target.pipeline, arrival.waits);
      return { held: next.running!.input };
    }
    if (written === 'changed') await ports.pause(attempt);
    else fresh = without(fresh, written.known);
  }
  throw lostRaces(ports.target.pipeline, attempts);
}

async function noted(ids: readonly string[], ports: TriggerPorts): Promise<void> {
  let fresh = ids;
  while (fresh.length > 0) {
    const written = await ports.note(fresh);
    if (written === 'written') return;
    fresh = without(fresh, written.known);
  }
}

const refused = (stop: Stop, pipeline: string, remembered: boolean): StartDecision => ({
  started: false,
  why: 'stopped',
  until: stop.until,
  remembered,
  issue: runsStopped(stop, pipeline),
});

const isDue = (running: Running, now: Date) => now.getTime() - Date.parse(running.checked) >= lookAfterMs;

const without = (ids: readonly string[], known: readonly string[]) => ids.filter((id) => !known.includes(id));

/** After the end of a run: starts the next one if something waits for it. */
export async function ended(run: string, ports: TriggerPorts): Promise<StartDecision> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const state = await ports.read();
    if (state.running?.input.run !== run) {
      // Told twice; the first telling may have failed between the decision and the start.
      if (state.running) await ports.start(state.running.input);
      return { started: false, why: 'over' };
    }
    const now = ports.now();
    const stop = stopAt(state, now);
    const next =
      state.waiting && stop === undefined
        ? holding(state, ports.target, { cause: 'back-pressure', ids: [run], at: now, parameters: {} }, now)
        : idle(state);
    if ((await ports.write(next, [])) === 'written') {
      if (state.waiting && stop !== undefined) return refused(stop, ports.target.pipeline, true);
      if (next.running === undefined) return { started: false, why: 'nothing waits' };
      await ports.start(next.running.input);
      return { started: true, run: next.running.input.run };
    }
    await ports.pause(attempt);
  }
  throw lostRaces(ports.target.pipeline, attempts);
}
