/** The hard stop: while it lasts, no run starts. A run already in progress continues to its end, within its own limits. */

import { lostRaces } from './faults.ts';
import { holding, type RunState, type Stop, stopAt, unstopped } from './run-state.ts';
import type { StartDecision, TriggerPorts } from './start-runs.ts';

const attempts = 12;

/** Stops runs until `stop.until`. Keeps an existing stop that lasts at least as long. Throws MR673 after too many write conflicts. */
export async function stopRuns(stop: Stop, ports: TriggerPorts): Promise<'stopped' | 'stopped before'> {
  return again(ports, async (state) => {
    const before = stopAt(state, ports.now());
    if (before !== undefined && before.until >= stop.until) return 'stopped before';
    const written = await ports.write({ ...state, revision: state.revision + 1, stopped: stop }, []);
    return written === 'written' ? 'stopped' : undefined;
  });
}

export interface Lifted {
  /** The lifted stop; absent if runs were not stopped. */
  stop?: Stop;
  /** The start of a run for the events that arrived meanwhile. */
  outcome: StartDecision;
}

/** Lets runs start again, and starts one for waiting events. Throws MR673 after too many write conflicts. */
export async function liftStop(ports: TriggerPorts): Promise<Lifted> {
  return again(ports, async (state): Promise<Lifted | undefined> => {
    const now = ports.now();
    const stop = stopAt(state, now);
    if (stop === undefined) return { outcome: { started: false, why: 'nothing waits' } };
    if (state.running !== undefined || state.waiting === undefined) {
      const written = await ports.write({ ...unstopped(state), revision: state.revision + 1 }, []);
      return written === 'written' ? { stop, outcome: { started: false, why: 'nothing waits' } } : undefined;
    }
    const why = { cause: 'back-pressure', ids: [`lifted ${stop.since}`], at: now, parameters: {} } as const;
    const next = holding(unstopped(state), ports.target, why, now);
    if ((await ports.write(next, [])) !== 'written') return undefined;
    await ports.start(next.running.input);
    return { stop, outcome: { started: true, run: next.running.input.run } };
  });
}

/** Decides again after a write conflict. */
async function again<T>(ports: TriggerPorts, decide: (state: RunState) => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const decided = await decide(await ports.read());
    if (decided !== undefined) return decided;
    await ports.pause(attempt);
  }
  throw lostRaces(ports.target.pipeline, attempts);
}
