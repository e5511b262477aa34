import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { execute, type StateEvent } from '../../lib/asl/interpreter/index.ts';
import type { Graph, Machine, State } from '../../lib/asl/machine.ts';
import { machines, resources } from './generated-machines.ts';
import { plainReading } from './plain-reading.ts';
import { World } from './world.ts';

const runs = { numRuns: 300 };

function world(seed: number): World {
  let n = seed;
  const random = () => {
    n = (n * 1103515245 + 12345) % 2147483648;
    return n / 2147483648;
  };
  return new World(resources, random);
}

/** Runs generated machines, each with its own random numbers, and passes what happened to a check. */
const always = (failures: boolean, check: (machine: Machine, here: World, seed: number) => Promise<void>) =>
  fc.assert(
    fc.asyncProperty(machines({ failures }), fc.nat(), (machine, seed) => check(machine, world(seed), seed)),
    runs,
  );

describe('whatever the machine', () => {
  test('its execution ends, and the same seed gives the same trail, events and outcome', () =>
    always(true, async (machine, first, seed) => {
      const second = world(seed);
      const done = await execute(machine, { n: 1 }, first);
      expect(['SUCCEEDED', 'FAILED']).toContain(done.status);
      expect(await execute(machine, { n: 1 }, second)).toEqual(done);
      expect([second.events, second.slept]).toEqual([first.events, first.slept]);
    }));

  test('a Task calls its resource at most as often as its retriers allow', () =>
    always(true, async (machine, here) => {
      await execute(machine, {}, here);
      for (const [name, state] of statesOf(machine)) {
        if (state.Type !== 'Task') continue;
        const entered = here.events.filter((event) => event.type === 'entered' && event.state === name).length;
        const allowed = (state.Retry ?? []).reduce((sum, retrier) => sum + (retrier.MaxAttempts ?? 3), 1);
        expect(here.calls.filter((call) => call.state === name).length).toBeLessThanOrEqual(entered * allowed);
      }
    }));

  test('each delay is within the limits of a retrier that lists the error', () =>
    always(true, async (machine, here) => {
      await execute(machine, {}, here);
      const states = new Map(statesOf(machine));
      for (const event of here.events) {
        if (event.type !== 'retried') continue;
        const retrier = (states.get(event.state) as State & { Type: 'Task' }).Retry!.find(
          ({ ErrorEquals: [name] }) =>
            name === event.error || (name === 'States.TaskFailed' && event.error !== 'States.Timeout'),
        )!;
        const { IntervalSeconds = 1, BackoffRate = 2, MaxAttempts = 3, MaxDelaySeconds = 1e9 } = retrier;
        const most = Math.min(IntervalSeconds * BackoffRate ** (MaxAttempts - 1), MaxDelaySeconds);
        const least = retrier.JitterStrategy === 'FULL' ? 0 : Math.min(IntervalSeconds, MaxDelaySeconds);
        expect(event.delaySeconds).toBeGreaterThanOrEqual(least);
        expect(event.delaySeconds).toBeLessThanOrEqual(most);
      }
    }));

  test('no Map has more items in flight than its MaxConcurrency', () =>
    always(true, async (machine, here) => {
      await execute(machine, {}, here);
      const states = new Map(statesOf(machine));
      for (const [name, most] of mostInFlight(here.events, states)) {
        const limit = (states.get(name) as State & { Type: 'Map' }).MaxConcurrency as number;
        if (limit > 0) expect([name, most <= limit]).toEqual([name, true]);
      }
    }));

  test('without failures its output is what the second interpreter gives', () =>
    always(false, async (machine, here) => {
      const done = await execute(machine, { n: 1 }, here);
      expect(done).toMatchObject({ status: 'SUCCEEDED' });
      expect(done.status === 'SUCCEEDED' && done.output).toEqual(plainReading(machine, { n: 1 }));
    }));
});

function statesOf(graph: Graph): [name: string, state: State][] {
  return Object.entries(graph.States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.Type === 'Parallel' ? state.Branches.flatMap(statesOf) : []),
    ...(state.Type === 'Map' ? statesOf(state.ItemProcessor) : []),
  ]);
}

/** The greatest number of items in progress at once, by the name of the Map. */
function mostInFlight(events: readonly StateEvent[], states: ReadonlyMap<string, State>): Map<string, number> {
  const open = new Set<string>();
  const most = new Map<string, number>();
  for (const event of events) {
    const [, around, name] = /^(.*?([^.[]+))\[\d+\]\.$/.exec(event.path) ?? [];
    const state = states.get(event.state)!;
    if (event.type === 'entered' && name !== undefined && states.get(name)!.Type === 'Map') {
      open.add(event.path);
      const now = [...open].filter((path) => path.replace(/\[\d+\]\.$/, '') === around).length;
      most.set(name, Math.max(most.get(name) ?? 0, now));
    }
    const ends = event.type === 'failed' || (event.type === 'exited' && (state.Type === 'Succeed' || 'End' in state));
    if (ends) open.delete(event.path);
    // A failed state has stopped everything inside it.
    if (event.type === 'exited' || event.type === 'entered') continue;
    for (const path of open) if (path.startsWith(`${event.path}${event.state}[`)) open.delete(path);
  }
  return most;
}
