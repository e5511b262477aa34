import { describe, expect, test } from 'vitest';
import { execute, StatesError } from '../../lib/asl/interpreter/index.ts';
import type { Json, State } from '../../lib/asl/machine.ts';
import { run, World } from './world.ts';

const output = async (states: Record<string, State>, input: Json = {}, world?: World): Promise<Json> => {
  const done = await run(states, input, world);
  if (done.status !== 'SUCCEEDED') throw new Error(JSON.stringify(done));
  return done.output;
};
const failing = (error: string) => () => {
  throw new StatesError(error, 'because');
};

describe('Pass', () => {
  test('passes its input on, or its Output', async () => {
    expect(await output({ A: { Type: 'Pass', End: true } }, { a: 1 })).toEqual({ a: 1 });
    const doubled: State = { Type: 'Pass', Output: { twice: '{% $states.input.a * 2 %}', same: 'text' }, End: true };
    expect(await output({ A: doubled }, { a: 21 })).toEqual({ twice: 42, same: 'text' });
  });

  test('assigns variables that later states see; Assign and Output see the old ones', async () => {
    expect(
      await output({
        A: { Type: 'Pass', Assign: { n: 1 }, Next: 'B' },
        B: { Type: 'Pass', Assign: { n: '{% $n + 1 %}' }, Output: '{% $n %}', Next: 'C' },
        C: { Type: 'Pass', Output: { before: '{% $states.input %}', after: '{% $n %}' }, End: true },
      }),
    ).toEqual({ before: 1, after: 2 });
  });

  test('gives plain JSON although JSONata has its own arrays and unwraps an array of one', async () => {
    expect(
      await output(
        { A: { Type: 'Pass', Output: '{% $states.input.x[v > 1].v %}', End: true } },
        { x: [{ v: 2 }, { v: 3 }] },
      ),
    ).toEqual([2, 3]);
  });
});

describe('Choice', () => {
  const choice: State = {
    Type: 'Choice',
    Choices: [
      { Condition: '{% $states.input.n > 10 %}', Next: 'Big', Assign: { size: 'big' } },
      { Condition: '{% $states.input.n > 5 %}', Next: 'Big', Output: 'middling' },
    ],
    Default: 'Small',
  };
  const rest: Record<string, State> = {
    Big: {
      Type: 'Pass',
      Output: { said: '{% $states.input %}', size: "{% $exists($size) ? $size : 'none' %}" },
      End: true,
    },
    Small: { Type: 'Pass', Output: 'small', End: true },
  };

  test('takes the first rule that matches, with its own Assign and Output, else the default', async () => {
    expect(await output({ choice, ...rest }, { n: 11 })).toEqual({ said: { n: 11 }, size: 'big' });
    expect(await output({ choice, ...rest }, { n: 7 })).toEqual({ said: 'middling', size: 'none' });
    expect(await output({ choice, ...rest }, { n: 1 })).toBe('small');
  });

  test('fails if no rule matches and there is no default, and if a condition is not a boolean', async () => {
    const open: State = { Type: 'Choice', Choices: [{ Condition: '{% $states.input.n = 1 %}', Next: 'Small' }] };
    expect(await run({ open, ...rest }, { n: 2 })).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
    const vague: State = { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'Small' }] };
    expect(await run({ vague, ...rest })).toMatchObject({ error: 'States.QueryEvaluationError' });
  });
});

describe('Wait', () => {
  test('waits for seconds, for computed seconds, and until a time', async () => {
    const world = new World();
    await output(
      {
        A: { Type: 'Wait', Seconds: 10, Next: 'B' },
        B: { Type: 'Wait', Seconds: '{% $states.input.s %}', Next: 'C' },
        C: { Type: 'Wait', Timestamp: '2025-01-01T00:01:00Z', End: true },
      },
      { s: 20 },
      world,
    );
    expect(world.slept).toEqual([10_000, 20_000, 30_000]);
    expect(world.clock.now().toISOString()).toBe('2025-01-01T00:01:00.000Z');
  });

  test('does not wait for a past time, and fails for an invalid one', async () => {
    expect(await output({ A: { Type: 'Wait', Timestamp: '2020-01-01T00:00:00Z', End: true } }, 1)).toBe(1);
    expect(await run({ A: { Type: 'Wait', Timestamp: 'soon', End: true } })).toMatchObject({
      error: 'States.QueryEvaluationError',
    });
  });
});

describe('Succeed and Fail', () => {
  test('Succeed ends with its Output, Fail with its error and cause, which may be expressions', async () => {
    expect(await output({ A: { Type: 'Succeed', Output: { n: '{% $states.input + 1 %}' } } }, 1)).toEqual({ n: 2 });
    expect(
      await run({ A: { Type: 'Fail', Error: '{% $states.input.e %}', Cause: 'plain' } }, { e: 'Mine' }),
    ).toMatchObject({
      status: 'FAILED',
      error: 'Mine',
      cause: 'plain',
    });
  });
});

describe('Task', () => {
  test('calls its resource with Arguments and passes the result on', async () => {
    const world = new World({ add: ({ arguments: given }) => (given as { a: number }).a + 1 });
    const task: State = { Type: 'Task', Resource: 'add', Arguments: { a: '{% $states.input.n %}' }, End: true };
    expect(await output({ task }, { n: 1 }, world)).toBe(2);
    const wrapped: State = { ...task, Output: { result: '{% $states.result %}', input: '{% $states.input %}' } };
    expect(await output({ wrapped }, { n: 1 }, world)).toEqual({ result: 2, input: { n: 1 } });
  });

  test('is stopped at its timeout, which Catch can match by name', async () => {
    let aborted = false;
    const world = new World({
      slow: ({ signal }) =>
        new Promise(() =>
          signal.addEventListener('abort', () => {
            aborted = true;
          }),
        ),
    });
    const caught = await output(
      {
        task: {
          Type: 'Task',
          Resource: 'slow',
          TimeoutSeconds: 5,
          Catch: [{ ErrorEquals: ['States.Timeout'], Output: '{% $states.errorOutput.Error %}', Next: 'B' }],
          Next: 'B',
        },
        B: { Type: 'Pass', End: true },
      },
      {},
      world,
    );
    expect([caught, aborted, world.clock.now().getSeconds()]).toEqual(['States.Timeout', true, 5]);
  });

  test('fails for an output larger than 256 KiB, which States.ALL does not catch', async () => {
    const world = new World({ big: () => 'x'.repeat(300_000) });
    const done = await run(
      {
        task: { Type: 'Task', Resource: 'big', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], Next: 'B' },
        B: { Type: 'Pass', End: true },
      },
      {},
      world,
    );
    expect(done).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  test('fails with a name if an expression gives nothing, cannot be computed or is not JSONata', async () => {
    for (const expression of ['{% $states.input.nothing %}', "{% 'a' + 1 %}", '{% ( %}', '{% $eval("1") %}']) {
      const done = await run({ task: { Type: 'Task', Resource: 'any', Arguments: { x: expression }, End: true } });
      expect(done).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    }
  });
});

describe('Retry', () => {
  const attempts = (errors: string[]) => {
    let n = 0;
    return () => {
      const error = errors[n++];
      if (error !== undefined) throw new StatesError(error, 'again');
      return 'done';
    };
  };
  const retried = (
    Retry: NonNullable<(State & { Type: 'Task' })['Retry']>,
    errors: string[],
    random?: () => number,
  ) => {
    const world = new World({ r: attempts(errors) }, random);
    return run({ task: { Type: 'Task', Resource: 'r', Retry, End: true } }, {}, world).then((done) => ({
      done,
      world,
    }));
  };

  test('waits longer each time, up to a limit', async () => {
    const { done, world } = await retried(
      [{ ErrorEquals: ['E'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4, MaxDelaySeconds: 15 }],
      ['E', 'E', 'E', 'E'],
    );
    expect(done).toMatchObject({ status: 'SUCCEEDED', output: 'done' });
    expect(world.slept).toEqual([2000, 6000, 15_000, 15_000]);
    expect(world.calls.map((call) => call.attempt)).toEqual([0, 1, 2, 3, 4]);
  });

  test('with full jitter waits for some part of that', async () => {
    const { world } = await retried(
      [{ ErrorEquals: ['E'], IntervalSeconds: 10, JitterStrategy: 'FULL' }],
      ['E', 'E'],
      () => 0.25,
    );
    expect(world.slept).toEqual([2500, 5000]);
  });

  test('gives up after its attempts, by default three', async () => {
    expect((await retried([{ ErrorEquals: ['E'] }], ['E', 'E', 'E', 'E'])).world.calls).toHaveLength(4);
    const none = await retried([{ ErrorEquals: ['E'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }], ['E']);
    expect([none.done.status, none.world.calls.length]).toEqual(['FAILED', 1]);
  });

  test('counts attempts for each retrier separately', async () => {
    const { done, world } = await retried(
      [
        { ErrorEquals: ['A'], MaxAttempts: 1 },
        { ErrorEquals: ['B'], MaxAttempts: 1 },
      ],
      ['A', 'B'],
    );
    expect([done.status, world.calls.length]).toEqual(['SUCCEEDED', 3]);
  });

  test('States.TaskFailed matches any failure except a timeout, States.ALL matches any', async () => {
    expect((await retried([{ ErrorEquals: ['States.TaskFailed'] }], ['Whatever'])).done.status).toBe('SUCCEEDED');
    expect((await retried([{ ErrorEquals: ['States.TaskFailed'] }], ['States.Timeout'])).done.status).toBe('FAILED');
    expect((await retried([{ ErrorEquals: ['States.ALL'] }], ['States.Timeout'])).done.status).toBe('SUCCEEDED');
  });

  test('a port that throws anything else has failed as a task', async () => {
    const world = new World({
      r: () => {
        throw new TypeError('oops');
      },
    });
    expect(await run({ task: { Type: 'Task', Resource: 'r', End: true } }, {}, world)).toMatchObject({
      error: 'States.TaskFailed',
      cause: 'TypeError: oops',
    });
  });
});

describe('Catch', () => {
  test('takes the first catcher that matches, with the error, and its own Assign and Output', async () => {
    const world = new World({ r: failing('Mine') });
    expect(
      await output(
        {
          task: {
            Type: 'Task',
            Resource: 'r',
            Catch: [
              { ErrorEquals: ['Other'], Next: 'B' },
              {
                ErrorEquals: ['States.ALL'],
                Assign: { fault: '{% $states.errorOutput.Cause %}' },
                Output: '{% $states.errorOutput.Error %}',
                Next: 'B',
              },
            ],
            End: true,
          },
          B: { Type: 'Pass', Output: ['{% $states.input %}', '{% $fault %}'], End: true },
        },
        {},
        world,
      ),
    ).toEqual(['Mine', 'because']);
  });
});

describe('Parallel', () => {
  test('runs its branches and gives their outputs in order', async () => {
    const branch = (n: number, seconds: number): { StartAt: string; States: Record<string, State> } => ({
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: seconds, Next: 'P' }, P: { Type: 'Pass', Output: n, End: true } },
    });
    const world = new World();
    expect(
      await output({ both: { Type: 'Parallel', Branches: [branch(1, 60), branch(2, 5)], End: true } }, {}, world),
    ).toEqual([1, 2]);
    expect(world.clock.now().toISOString()).toBe('2025-01-01T00:01:00.000Z');
  });

  test('a branch sees the enclosing variables, may not assign them, and keeps its own private', async () => {
    const states = (Assign: Record<string, Json>): Record<string, State> => ({
      A: { Type: 'Pass', Assign: { outer: 1 }, Next: 'both' },
      both: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'P', States: { P: { Type: 'Pass', Assign, Output: '{% $outer %}', End: true } } }],
        Next: 'C',
      },
      C: { Type: 'Pass', Output: { seen: '{% $states.input %}', leaked: '{% $exists($inner) %}' }, End: true },
    });
    expect(await output(states({ inner: 2 }))).toEqual({ seen: [1], leaked: false });
    expect(await run(states({ outer: 2 }))).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  test('the first branch that fails stops the others', async () => {
    const world = new World({ bad: failing('Bad') });
    const done = await run(
      {
        both: {
          Type: 'Parallel',
          Branches: [
            { StartAt: 'T', States: { T: { Type: 'Task', Resource: 'bad', End: true } } },
            { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1000, Next: 'X' }, X: { Type: 'Pass', End: true } } },
          ],
          End: true,
        },
      },
      {},
      world,
    );
    expect(done).toMatchObject({ status: 'FAILED', error: 'Bad' });
    expect(done.trail).not.toContain('both[1].X');
  });
});

describe('Map', () => {
  const each = (processor: State): State => ({
    Type: 'Map',
    Items: '{% $states.input.list %}',
    ItemProcessor: { StartAt: 'I', States: { I: processor } },
    End: true,
  });

  test('runs its processor on each item, with the item and its number in the context', async () => {
    const map: State = {
      ...(each({ Type: 'Pass', Output: '{% $states.input.i & $states.input.v %}', End: true }) as State & {
        Type: 'Map';
      }),
      ItemSelector: { i: '{% $states.context.Map.Item.Index %}', v: '{% $states.context.Map.Item.Value %}' },
    };
    expect(await output({ map }, { list: ['a', 'b'] })).toEqual(['0a', '1b']);
    expect(await output({ map }, { list: [] })).toEqual([]);
  });

  test('has at most MaxConcurrency items in flight, and keeps the order', async () => {
    let now = 0;
    let most = 0;
    const world = new World({
      work: async ({ arguments: item, signal }, w) => {
        most = Math.max(most, ++now);
        await w.clock.sleep((10 - (item as number)) * 1000, signal);
        now--;
        return item;
      },
    });
    const map: State = {
      ...(each({ Type: 'Task', Resource: 'work', End: true }) as State & { Type: 'Map' }),
      MaxConcurrency: '{% 1 + 2 %}',
    };
    expect(await output({ map }, { list: [1, 2, 3, 4, 5, 6, 7] }, world)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  test('fails for items that are not an array', async () => {
    expect(await run({ map: each({ Type: 'Pass', End: true }) }, { list: 1 })).toMatchObject({
      error: 'States.QueryEvaluationError',
    });
  });
});

describe('an execution', () => {
  test('ends at the timeout of the machine', async () => {
    const done = await run({ A: { Type: 'Wait', Seconds: 100, End: true } }, {}, new World(), { TimeoutSeconds: 10 });
    expect(done).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  test('is aborted by its caller, and no Catch keeps it going', async () => {
    const stop = new AbortController();
    const world = new World({
      r: () => {
        stop.abort();
        return new Promise(() => undefined);
      },
    });
    const machine = {
      QueryLanguage: 'JSONata' as const,
      StartAt: 'T',
      States: {
        T: { Type: 'Task' as const, Resource: 'r', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], Next: 'B' },
        B: { Type: 'Pass' as const, End: true },
      },
    };
    expect(await execute(machine, {}, world, { signal: stop.signal })).toMatchObject({
      status: 'ABORTED',
      trail: ['T'],
    });
  });

  test('reports what happens in order, and keeps its variables', async () => {
    const world = new World({ r: failing('E') });
    const done = await run(
      {
        T: {
          Type: 'Task',
          Resource: 'r',
          Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }],
          Catch: [{ ErrorEquals: ['E'], Next: 'B' }],
          Next: 'B',
        },
        B: { Type: 'Pass', Assign: { x: 1 }, End: true },
      },
      {},
      world,
    );
    expect(world.events.map((event) => `${event.state} ${event.type}`)).toEqual([
      'T entered',
      'T retried',
      'T caught',
      'T exited',
      'B entered',
      'B exited',
    ]);
    expect(done).toMatchObject({ trail: ['T', 'B'], variables: { x: 1 } });
  });

  test('has the functions of Step Functions', async () => {
    expect(
      await output({
        A: {
          Type: 'Pass',
          Output: {
            partition: '{% $partition([1,2,3], 2) %}',
            range: '{% $range(0, 10, 5) %}',
            hash: "{% $hash('abc', 'SHA-256') %}",
            random: '{% $random(7) = $random(7) %}',
            uuid: '{% $length($uuid()) %}',
            parse: '{% $parse(\'{"a": [1]}\') %}',
            name: '{% $states.context.State.Name %}',
          },
          End: true,
        },
      }),
    ).toEqual({
      partition: [[1, 2], [3]],
      range: [0, 5, 10],
      hash: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      random: true,
      uuid: 36,
      parse: { a: [1] },
      name: 'A',
    });
  });
});
