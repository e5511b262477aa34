/** Starts the pipeline's runs, one at a time. Events that arrive during a run are remembered and get one run when it ends. */

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
  /** The current state (a consistent read). */
  read(): Promise<RunState>;
  /**
   * Writes the state and records the events, all or nothing. `changed`: another writer changed the state first.
   * `known`: these events were recorded before.
   */
  write(to: RunState, events: readonly string[]): Promise<Written>;
  /** Records events whose run is already decided, all or nothing. */
  note(events: readonly string[]): Promise<'written' | { known: readonly string[] }>;
  /** Starts the execution named `input.run`. Does nothing if it was started before. */
  start(input: ExecutionInput): Promise<void>;
  /** May lag: `none` just after the start, `running` just after the end. `ended` is always right. */
  status(run: string): Promise<'none' | 'running' | 'ended'>;
  now(): Date;
  /** Waits before another try, longer each time. */
  pause(attempt: number): Promise<void>;
}

/**
 * `running`: a run is in progress. `stopped`: runs are stopped; the issue says how to lift the stop. `seen`: these events were handled
 * before. `over`: the run that ended does not hold the pipeline.
 */
export type StartDecision =
  | { started: true; run: string }
  | { started: false; why: 'running'; run: string; remembered: boolean }
  | { started: false; why: 'stopped'; until: string; remembered: boolean; issue: Issue }
  | { started: false; why: 'seen' | 'nothing waits' | 'over' };

/** Events per write: a DynamoDB transaction takes 100 items, one of which is the state. */
const atOnce = 99;
const attempts = 12;
/** A run recorded as running is checked after this long, because the event of its end may have been lost. */
const lookAfterMs = 60_000;

/** Starts a run for an arrival, lets it wait, or returns why not. A second delivery has no effect. Throws to be redelivered. */
export async function arrived(arrival: Arrival, ports: TriggerPorts): Promise<StartDecision> {
  const ids = [...new Set(arrival.ids)];
  let held: ExecutionInput | undefined;
  let outcome: StartDecision = { started: false, why: 'seen' };
  for (let i = 0; i < ids.length; i += atOnce) {
    const part = ids.slice(i, i + atOnce);
    if (held) {
      // The run that this delivery is about to start covers all its events.
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

/** Decides on the events of one write: either a run now holds the pipeline and must be started, or an outcome. */
async function decided(arrival: Arrival, ports: TriggerPorts): Promise<{ held: ExecutionInput } | StartDecision> {
  let fresh = arrival.ids;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const now = ports.now();
    const state = await ports.read();
    const { running } = state;
    const look = running !== undefined && (fresh.length === 0 || !arrival.waits || isDue(running, now));
    const status = look ? await ports.status(running.input.run) : 'running';
    // An earlier invocation decided on this run but did not start it.
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
        : // Recorded; it waits until the stop is over.
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
      // The end was delivered twice; the first delivery may have failed between decision and start.
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
