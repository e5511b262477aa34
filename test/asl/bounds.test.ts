import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { execute, StatesError, validateMachine } from '../../lib/asl/interpreter/index.ts';
import type { Graph, Json, Retrier } from '../../lib/asl/machine.ts';
import { machines, resources } from './generated-machines.ts';
import { run, World } from './world.ts';

const runs = { numRuns: 200 };
const names = ['E1', 'E2', 'States.Timeout'];

const retriers: fc.Arbitrary<Retrier[]> = fc.array(
  fc.record(
    {
      ErrorEquals: fc.subarray([...names, 'States.TaskFailed'], { minLength: 1 }),
      IntervalSeconds: fc.integer({ min: 1, max: 50 }),
      MaxAttempts: fc.integer({ min: 0, max: 5 }),
      BackoffRate: fc.double({ min: 1, max: 4, noNaN: true }),
      MaxDelaySeconds: fc.integer({ min: 1, max: 200 }),
      JitterStrategy: fc.constantFrom('FULL' as const, 'NONE' as const),
    },
    { requiredKeys: ['ErrorEquals'] },
  ),
  { maxLength: 3 },
);

describe('retries', () => {
  test('follow the first retrier for the error: its count, and its n-th delay, in full or, with jitter, a part of it', async () => {
    const errors = fc.array(fc.constantFrom(...names), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        retriers,
        errors,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (Retry, thrown, chance) => {
          let n = 0;
          const flaky = () => {
            const error = thrown[n++];
            if (error !== undefined) throw new StatesError(error, '');
            return 'done';
          };
          const world = new World({ flaky }, () => chance);
          const done = await run({ A: { Type: 'Task', Resource: 'flaky', Retry, End: true } }, {}, world);

          const used = Retry.map(() => 0);
          const owner = (error: string) =>
            Retry.findIndex(
              ({ ErrorEquals }) =>
                ErrorEquals.includes(error) ||
                (error !== 'States.Timeout' && ErrorEquals.includes('States.TaskFailed')),
            );
          const retried = world.events.flatMap((event) => (event.type === 'retried' ? [event] : []));
          for (const [i, event] of retried.entries()) {
            expect([event.attempt, event.error]).toEqual([i, thrown[i]]);
            const index = owner(event.error);
            const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = 1e9, JitterStrategy } = Retry[index]!;
            const whole = Math.min(IntervalSeconds * BackoffRate ** used[index]!, MaxDelaySeconds);
            expect(event.delaySeconds).toBeCloseTo(JitterStrategy === 'FULL' ? chance * whole : whole, 6);
            used[index]!++;
          }
          for (const [i, { MaxAttempts = 3 }] of Retry.entries()) expect(used[i]).toBeLessThanOrEqual(MaxAttempts);
          expect(world.calls).toHaveLength(retried.length + 1);

          // It may give up only if the retrier for the last error has no attempts left.
          const last = thrown[retried.length];
          expect(done.status).toBe(last === undefined ? 'SUCCEEDED' : 'FAILED');
          if (last !== undefined && owner(last) >= 0)
            expect(used[owner(last)]).toBe(Retry[owner(last)]!.MaxAttempts ?? 3);
        },
      ),
      runs,
    );
  });
});

describe('a Map', () => {
  test('has exactly as many items in flight as MaxConcurrency allows, and keeps their order', async () => {
    const durations = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(durations, fc.integer({ min: 0, max: 6 }), async (items, limit) => {
        let now = 0;
        let most = 0;
        const world = new World({
          work: async ({ arguments: item, signal }, { clock }) => {
            most = Math.max(most, ++now);
            await clock.sleep((item as number) * 1000, signal);
            now--;
            return { took: item };
          },
        });
        const work = { Type: 'Task' as const, Resource: 'work', End: true };
        const processor = { StartAt: 'I', States: { I: work } };
        const began = world.clock.now().getTime();
        const done = await run(
          { A: { Type: 'Map', ItemProcessor: processor, MaxConcurrency: limit, End: true } },
          items,
          world,
        );
        expect(done).toMatchObject({ status: 'SUCCEEDED', output: items.map((took) => ({ took })) });
        const places = limit === 0 ? 40 : limit;
        expect(most).toBe(Math.min(places, items.length));
        expect((world.clock.now().getTime() - began) / 1000).toBe(busyUntil(items, places));
      }),
      runs,
    );
  });
});

/** When the last item is done, if each starts in the first free place. */
function busyUntil(durations: readonly number[], places: number): number {
  const free = new Array<number>(places).fill(0);
  for (const duration of durations) free[free.indexOf(Math.min(...free))]! += duration;
  return Math.max(...free);
}

describe('the validator', () => {
  test('finds nothing in valid machines, and none of them fails with States.Runtime', async () => {
    await fc.assert(
      fc.asyncProperty(machines({ failures: true }), async (machine) => {
        expect(validateMachine(machine)).toEqual([]);
        const done = await execute(machine, {}, new World(resources));
        if (done.status === 'FAILED') expect(done.error).not.toBe('States.Runtime');
      }),
      runs,
    );
  });

  test('finds each place that was made invalid', () => {
    const spoilt: [(state: Record<string, Json>) => unknown, string][] = [
      [(state) => Object.assign(state, { Type: 'Pas' }), 'MR121'],
      [(state) => delete state['Next'] && delete state['End'] && Object.assign(state, { Type: 'Pass' }), 'MR122'],
      [(state) => Object.assign(state, { Type: 'Pass', Next: 'nowhere' }), 'MR123'],
      [(state) => Object.assign(state, { OutputPath: '$' }), 'MR125'],
      [(state) => Object.assign(state, { QueryLanguage: 'JSONPath' }), 'MR126'],
      [(state) => Object.assign(state, { Type: 'Pass', Output: ['{% 1 + %}'] }), 'MR127'],
      [(state) => Object.assign(state, { Type: 'Task', Retry: [{ ErrorEquals: ['States.ALL', 'E'] }] }), 'MR128'],
      [(state) => Object.assign(state, { Type: 'Pass', Assign: { states: 1 } }), 'MR129'],
    ];
    fc.assert(
      fc.property(
        machines({ failures: true }),
        fc.nat(),
        fc.constantFrom(...spoilt),
        (machine, pick, [spoil, code]) => {
          const copy = structuredClone(machine);
          const all = statesOf(copy);
          spoil(all[pick % all.length] as Record<string, Json>);
          expect(validateMachine(copy).map((issue) => issue.code)).toContain(code);
        },
      ),
      runs,
    );
  });

  test('gives issues for any value, and never throws', () => {
    const values = [fc.jsonValue(), fc.anything({ maxDepth: 3 })] as const;
    fc.assert(
      fc.property(
        machines({ failures: true }),
        fc.nat(),
        fc.oneof(...values),
        fc.string(),
        (machine, pick, value, key) => {
          expect(validateMachine(value)).not.toEqual([]);
          const copy = structuredClone(machine);
          const all = statesOf(copy) as Record<string, unknown>[];
          const state = all[pick % all.length]!;
          const keys = [...Object.keys(state), 'Retry', 'Catch', 'Assign', 'Branches', 'ItemProcessor', key];
          state[keys[pick % keys.length]!] = value;
          expect(Array.isArray(validateMachine(copy))).toBe(true);
        },
      ),
      runs,
    );
  });
});

function statesOf(graph: Graph): object[] {
  return Object.values(graph.States).flatMap((state) => [
    state,
    ...(state.Type === 'Parallel' ? state.Branches.flatMap(statesOf) : []),
    ...(state.Type === 'Map' ? statesOf(state.ItemProcessor) : []),
  ]);
}
