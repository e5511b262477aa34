import { describe, expect, test } from 'vitest';
import { StatesError } from '../../lib/asl/interpreter/index.ts';
import type { Json, MapState, State } from '../../lib/asl/machine.ts';
import { run, World } from './world.ts';

const end: State = { Type: 'Pass', End: true };
const map = (I: State, more: Partial<MapState> = {}): State => ({
  Type: 'Map',
  Items: '{% $states.input %}',
  ItemProcessor: { StartAt: 'I', States: { I } },
  End: true,
  ...more,
});
const task: State = { Type: 'Task', Resource: 'r', End: true };

/** Fails for items below 0, and counts how many are in progress at once. */
function counted() {
  const seen = { now: 0, most: 0 };
  const world = new World({
    r: async ({ arguments: item, signal }, { clock }) => {
      seen.most = Math.max(seen.most, ++seen.now);
      await clock.sleep(Math.abs(item as number) * 1000, signal).finally(() => seen.now--);
      if ((item as number) < 0) throw new StatesError('Negative', String(item));
      return item;
    },
  });
  return { seen, world };
}

describe('items', () => {
  test('are by default the input of the state', async () => {
    const { Items: _, ...plain } = map(end) as MapState;
    expect(await run({ A: plain }, [1, 2])).toMatchObject({ output: [1, 2] });
    expect(await run({ A: map(end, { Items: ['{% $states.input %}', 'b'] }) }, 1)).toMatchObject({ output: [1, 'b'] });
  });

  test('from a filter with a single match are not a list, which Catch can detect by name', async () => {
    const one = { Items: '{% $states.input[$ > 1] %}' };
    const Catch = [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'B', Output: 'no list' }];
    expect(await run({ A: map(end, { ...one, Catch }), B: end }, [1, 2])).toMatchObject({ output: 'no list' });
    expect(await run({ A: map(end, { Items: '{% $states.input[$ > 1][] %}' }) }, [1, 2])).toMatchObject({
      output: [2],
    });
  });

  test('are identified by the context of the nearest Map, inside and in ItemSelector', async () => {
    const inner = map(
      { Type: 'Pass', Output: '{% $states.context.Map.Item.(Index & Value) & $states.input %}', End: true },
      { Items: ['x', 'y'], ItemSelector: "{% $states.context.Map.Item.Index & '/' & $states.input %}" },
    );
    expect(await run({ A: map(inner) }, ['a', 'b'])).toMatchObject({
      output: [
        ['0x0/a', '1y1/a'],
        ['0x0/b', '1y1/b'],
      ],
    });
  });

  test('have no context after the Map', async () => {
    const A = map(end, { Output: '{% $exists($states.context.Map) %}' });
    expect(await run({ A }, [1])).toMatchObject({ output: false });
  });
});

describe('variables', () => {
  test('of an item are not visible to other items or to the Map', async () => {
    const I: State = { Type: 'Pass', Assign: { mine: '{% $states.input %}' }, Next: 'J' };
    const J: State = { Type: 'Pass', Output: '{% $mine + $base %}', End: true };
    const states: Record<string, State> = {
      S: { Type: 'Pass', Assign: { base: 10 }, Next: 'A' },
      A: map(end, {
        ItemProcessor: { StartAt: 'I', States: { I, J } },
        Output: ['{% $states.result %}', '{% $exists($mine) %}'],
      }),
    };
    expect(await run(states, [1, 2, 3])).toMatchObject({ output: [[11, 12, 13], false], variables: { base: 10 } });
  });

  test('keep their old values until the state ends, so that the result of a Map can be assigned and output', async () => {
    const A: State = { ...map(end), Assign: { all: '{% $states.result %}' }, Output: '{% $exists($all) %}' } as State;
    expect(await run({ A }, [1])).toMatchObject({ output: false, variables: { all: [1] } });
  });
});

describe('concurrency', () => {
  test('is at most 40 without a limit or with a higher one, as for an inline Map on Step Functions', async () => {
    for (const MaxConcurrency of [0, 100]) {
      const { seen, world } = counted();
      const items = Array.from({ length: 50 }, (_, i) => i + 1);
      expect(await run({ A: map(task, { MaxConcurrency }) }, items, world)).toMatchObject({ output: items });
      expect(seen.most).toBe(40);
    }
  });

  test('of many items causes no leak warning from Node', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const { world } = counted();
    await run({ A: map(task) }, new Array(40).fill(1), world);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  test('starts no more items after the first failure, and stops running ones', async () => {
    const { seen, world } = counted();
    const done = await run({ A: map(task, { MaxConcurrency: 2 }) }, [9, -1, 3, 4], world);
    expect(done).toMatchObject({ status: 'FAILED', error: 'Negative', cause: '-1' });
    expect(world.calls.map((call) => call.arguments)).toEqual([9, -1]);
    expect(world.calls.map((call) => call.signal.aborted)).toEqual([true, false]);
    expect(seen.now).toBe(0);
  });
});

describe('tolerated failures', () => {
  const tolerant = async (items: Json[], more: Partial<MapState>) => {
    const { world } = counted();
    const done = await run({ A: map(task, { MaxConcurrency: 1, ...more }) }, items, world);
    return done.status === 'SUCCEEDED' ? done.output : done.status === 'FAILED' ? done.error : done.status;
  };

  test('are left out of the result, which keeps its order', async () => {
    expect(await tolerant([1, -2, 3, -4], { ToleratedFailureCount: 2 })).toEqual([1, 3]);
    expect(await tolerant([1, -2, 3, -4], { ToleratedFailurePercentage: '{% 25 * 2 %}' })).toEqual([1, 3]);
  });

  test('fail the Map under a separate name once they exceed either limit', async () => {
    const exceeded = 'States.ExceedToleratedFailureThreshold';
    expect(await tolerant([-1, -2, 3], { ToleratedFailureCount: 1 })).toBe(exceeded);
    expect(await tolerant([-1, 2, 3], { ToleratedFailurePercentage: 33 })).toBe(exceeded);
    expect(await tolerant([-1, 2, 3], { ToleratedFailurePercentage: 34 })).toEqual([2, 3]);
    expect(await tolerant([-1, -2, 3], { ToleratedFailureCount: 1, ToleratedFailurePercentage: 100 })).toBe(exceeded);
    expect(await tolerant([-1], { ToleratedFailureCount: 0 })).toBe(exceeded);
  });

  test('must be declared: without them the Map fails with the error of its item', async () => {
    expect(await tolerant([1, -2], {})).toBe('Negative');
  });
});
