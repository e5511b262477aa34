import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { execute, StatesError } from '../../lib/asl/interpreter/index.ts';
import type { Graph, Json, Machine, State } from '../../lib/asl/machine.ts';
import { machines } from './generated-machines.ts';
import { World } from './world.ts';

const runs = { numRuns: 200 };

function world(seed: number): World {
  let n = seed;
  const random = () => {
    n = (n * 1103515245 + 12345) % 2147483648;
    return n / 2147483648;
  };
  const resources = Object.fromEntries(
    ['E1', 'E2', 'States.Timeout'].map((name) => [
      `fail:${name}`,
      () => {
        throw new StatesError(name, 'generated');
      },
    ]),
  );
  return new World(resources, random);
}

describe('whatever the machine', () => {
  test('its execution ends, and the same chance gives the same trail and outcome', async () => {
    await fc.assert(
      fc.asyncProperty(machines({ failures: true }), fc.nat(), async (machine, seed) => {
        const first = await execute(machine, { n: 1 }, world(seed));
        const second = await execute(machine, { n: 1 }, world(seed));
        expect(['SUCCEEDED', 'FAILED']).toContain(first.status);
        expect(second).toEqual(first);
      }),
      runs,
    );
  });

  test('a Task is tried no more often than its retriers allow, each delay within its bounds', async () => {
    await fc.assert(
      fc.asyncProperty(machines({ failures: true }), fc.nat(), async (machine, seed) => {
        const here = world(seed);
        await execute(machine, {}, here);
        for (const event of here.events) {
          if (event.type !== 'retried') continue;
          const retriers = retriersOf(machine, event.path, event.state);
          const allowed = retriers.reduce((sum, retrier) => sum + (retrier.MaxAttempts ?? 3), 0);
          expect(event.attempt).toBeLessThan(allowed);
          const longest = Math.max(
            ...retriers.map((r) =>
              Math.min(
                r.MaxDelaySeconds ?? Number.POSITIVE_INFINITY,
                (r.IntervalSeconds ?? 1) * (r.BackoffRate ?? 2) ** 3,
              ),
            ),
          );
          expect(event.delaySeconds).toBeGreaterThanOrEqual(0);
          expect(event.delaySeconds).toBeLessThanOrEqual(longest);
        }
      }),
      runs,
    );
  });

  test('without failures its output is what a plain reading of it gives', async () => {
    await fc.assert(
      fc.asyncProperty(machines({ failures: false }), async (machine) => {
        const done = await execute(machine, { n: 1 }, world(1));
        expect(done).toMatchObject({ status: 'SUCCEEDED', output: plainReading(machine, { n: 1 }) });
      }),
      runs,
    );
  });
});

function retriersOf(machine: Machine, path: string, name: string) {
  let graph: Graph = machine;
  for (const [, state, index] of path.matchAll(/([^.[]+)\[(\d+)\]\./g)) {
    const outer = graph.States[state!]!;
    graph =
      outer.Type === 'Parallel' ? outer.Branches[Number(index)]! : (outer as State & { Type: 'Map' }).ItemProcessor;
  }
  const state = graph.States[name]!;
  return ('Retry' in state ? state.Retry : undefined) ?? [];
}

/** A second reading of the same machines, with no clock, no retries and no JSONata: v is 3, and expressions are known by heart. */
function plainReading(graph: Graph, input: Json): Json {
  let name: string | undefined = graph.StartAt;
  let current = input;
  while (name !== undefined) {
    const state: State = graph.States[name]!;
    switch (state.Type) {
      case 'Pass':
        current = state.Output === undefined ? current : known(state.Output, current);
        break;
      case 'Task':
        current = known(state.Arguments!, current);
        break;
      case 'Choice': {
        const limit = Number(/> (\d)/.exec(String(state.Choices[0]!.Condition))![1]);
        current = 3 > limit ? { chosen: limit } : current;
        break;
      }
      case 'Succeed':
        return { ended: current };
      case 'Parallel': {
        const given = current;
        current = state.Branches.map((branch) => plainReading(branch, given));
        break;
      }
      case 'Map':
        current = (state.Items as Json[]).map((item) => plainReading(state.ItemProcessor, item));
        break;
      default:
        break;
    }
    name = state.Type === 'Choice' ? state.Choices[0]!.Next : 'Next' in state ? state.Next : undefined;
  }
  return current;
}

function known(template: Json, input: Json): Json {
  if (template === '{% $states.input %}') return input;
  if (template === '{% $v %}') return 3;
  if (template === '{% $v + 1 %}') return 4;
  if (Array.isArray(template)) return template.map((entry) => known(entry, input));
  if (template === null || typeof template !== 'object') return template;
  return Object.fromEntries(Object.entries(template).map(([key, entry]) => [key, known(entry, input)]));
}
