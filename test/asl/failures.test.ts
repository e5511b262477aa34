import { describe, expect, test } from 'vitest';
import { type ResourceCall, StatesError } from '../../lib/asl/interpreter/index.ts';
import type { Catcher, Json, Retrier, State } from '../../lib/asl/machine.ts';
import { run, World } from './world.ts';

type Fallible = { Retry?: Retrier[]; Catch?: Catcher[] };
const end: State = { Type: 'Pass', End: true };
const failing = (error: string) => () => {
  throw new StatesError(error, 'because');
};
const task = (more: Fallible & Partial<State> = {}) => ({ Type: 'Task', Resource: 'r', End: true, ...more }) as State;
const never = () => new Promise<Json>(() => undefined);
const everything = ['States.ALL'];
const caught = (...ErrorEquals: string[]): Catcher[] => [{ ErrorEquals, Next: 'B', Output: 'caught' }];

/** The result of a Task that fails with this name, under these rules. */
async function fate(error: string, more: Fallible) {
  const world = new World({ r: failing(error) });
  const done = await run({ A: task(more), B: end }, {}, world);
  const outcome = done.status === 'SUCCEEDED' ? done.output : done.status === 'FAILED' ? done.error : 'ABORTED';
  return { outcome, tries: world.calls.length };
}

describe('the name of an error', () => {
  test('is matched as it is written', async () => {
    expect((await fate('My.Error', { Catch: caught('My.Error') })).outcome).toBe('caught');
    expect((await fate('My.Error', { Catch: caught('my.error', 'My') })).outcome).toBe('My.Error');
    expect((await fate('States.Permissions', { Catch: caught('States.Permissions') })).outcome).toBe('caught');
  });

  test('matches States.ALL and, unless it is a timeout, States.TaskFailed', async () => {
    for (const error of ['E', 'States.Permissions', 'States.QueryEvaluationError', 'States.HeartbeatTimeout']) {
      expect((await fate(error, { Catch: caught('States.ALL') })).outcome).toBe('caught');
      expect((await fate(error, { Catch: caught('States.TaskFailed') })).outcome).toBe('caught');
    }
    expect((await fate('States.Timeout', { Catch: caught('States.TaskFailed') })).outcome).toBe('States.Timeout');
    expect((await fate('States.Timeout', { Catch: caught('States.ALL') })).outcome).toBe('caught');
  });

  test('States.DataLimitExceeded is caught by that name only, States.Runtime by none', async () => {
    const limit = 'States.DataLimitExceeded';
    expect((await fate(limit, { Catch: caught('States.ALL') })).outcome).toBe(limit);
    expect((await fate(limit, { Catch: caught('States.TaskFailed') })).outcome).toBe(limit);
    expect((await fate(limit, { Catch: caught(limit) })).outcome).toBe('caught');
    const Retry = [{ ErrorEquals: ['States.Runtime'] }, { ErrorEquals: everything }];
    expect(await fate('States.Runtime', { Retry, Catch: caught('States.Runtime') })).toEqual({
      outcome: 'States.Runtime',
      tries: 1,
    });
  });

  test('is States.TaskFailed for anything else that a resource throws', async () => {
    for (const [thrown, cause] of [
      ['text', 'text'],
      [undefined, 'undefined'],
      [new RangeError('far'), 'RangeError: far'],
    ]) {
      const world = new World({
        r: () => {
          throw thrown;
        },
      });
      expect(await run({ A: task() }, {}, world)).toMatchObject({ error: 'States.TaskFailed', cause });
    }
  });
});

describe('Retry', () => {
  test('uses the first retrier that lists the error, and no other once its attempts are used up', async () => {
    const Retry = [
      { ErrorEquals: ['E'], MaxAttempts: 1 },
      { ErrorEquals: everything, MaxAttempts: 5 },
    ];
    expect(await fate('E', { Retry })).toEqual({ outcome: 'E', tries: 2 });
    expect(await fate('F', { Retry })).toEqual({ outcome: 'F', tries: 6 });
  });

  test('comes before Catch, and starts again when the state is entered again', async () => {
    const world = new World({ r: failing('E') });
    const again: State = {
      Type: 'Choice',
      Choices: [{ Condition: '{% $n < 3 %}', Next: 'A', Assign: { n: '{% $n + 1 %}' } }],
      Default: 'B',
    };
    const states: Record<string, State> = {
      Start: { Type: 'Pass', Assign: { n: 1 }, Next: 'A' },
      A: task({ Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }], Catch: [{ ErrorEquals: ['E'], Next: 'again' }] }),
      again,
      B: end,
    };
    const done = await run(states, {}, world);
    expect(done).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'E', Cause: 'because' } });
    expect(world.calls.map((call) => call.attempt)).toEqual([0, 1, 0, 1, 0, 1]);
  });

  test('gives the state and its resource the number of attempts', async () => {
    let n = 0;
    const world = new World({
      r: ({ arguments: count }: ResourceCall) => {
        if (n++ < 2) throw new StatesError('E', '');
        return count;
      },
    });
    const count = { Arguments: '{% $states.context.State.RetryCount %}' };
    expect(await run({ A: task({ Retry: [{ ErrorEquals: ['E'] }], ...count }) }, {}, world)).toMatchObject({
      output: 2,
    });
  });

  test('repeats a whole Parallel or Map', async () => {
    let n = 0;
    const world = new World({
      flaky: () => {
        if (n++ === 0) throw new StatesError('E', '');
        return 'well';
      },
    });
    const branch = (resource: string) => ({
      StartAt: 'T',
      States: { T: task({ Resource: resource } as Partial<State>) },
    });
    const both: State = {
      Type: 'Parallel',
      Branches: [branch('calm'), branch('flaky')],
      Retry: [{ ErrorEquals: ['E'] }],
      End: true,
    };
    expect(await run({ both }, 7, world)).toMatchObject({ output: [7, 'well'] });
    expect(world.calls.map((call) => call.resource)).toEqual(['calm', 'flaky', 'calm', 'flaky']);
  });

  test('also covers failed expressions: in Arguments without a call, in Output after one', async () => {
    const Retry = [{ ErrorEquals: ['States.QueryEvaluationError'], MaxAttempts: 2 }];
    for (const [field, calls] of [
      ['Arguments', 0],
      ['Output', 3],
    ] as const) {
      const world = new World();
      const done = await run(
        { A: task({ [field]: '{% $none %}', Retry, Catch: caught('States.ALL') }), B: end },
        {},
        world,
      );
      expect([done.status, world.calls.length, world.slept]).toEqual(['SUCCEEDED', calls, [1000, 2000]]);
    }
  });
});

describe('Catch', () => {
  test('gives the error as output by default, and does not apply the Assign of the state', async () => {
    const states: Record<string, State> = {
      A: task({
        Assign: { done: true },
        Catch: [
          { ErrorEquals: everything, Next: 'B', Assign: { saw: '{% $states.input & $states.errorOutput.Error %}' } },
        ],
      }),
      B: { Type: 'Pass', Output: ['{% $states.input %}', '{% $saw %}', '{% $exists($done) %}'], End: true },
    };
    const done = await run(states, 'in', new World({ r: failing('E') }));
    expect(done).toMatchObject({ output: [{ Error: 'E', Cause: 'because' }, 'inE', false] });
  });

  test("of a Parallel sees the branch's error under its own name, and assigns in the enclosing scope", async () => {
    const branch = { StartAt: 'T', States: { T: task({ Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }] }) } };
    const states: Record<string, State> = {
      A: {
        Type: 'Parallel',
        Branches: [branch],
        Catch: [{ ErrorEquals: ['E'], Next: 'B', Assign: { fault: '{% $states.errorOutput.Error %}' } }],
        End: true,
      },
      B: { Type: 'Pass', Output: '{% $fault %}', End: true },
    };
    const world = new World({ r: failing('E') });
    expect(await run(states, {}, world)).toMatchObject({ output: 'E', trail: ['A', 'A[0].T', 'B'] });
    expect(world.calls).toHaveLength(2);
  });

  test('catches what no state inside can: a Choice without a match, a Fail, an expression in a Pass', async () => {
    const inside: [State, string][] = [
      [{ Type: 'Choice', Choices: [{ Condition: false, Next: 'I' }] }, 'States.NoChoiceMatched'],
      [{ Type: 'Fail', Error: 'Mine', Cause: 'c' }, 'Mine'],
      [{ Type: 'Pass', Output: '{% $none %}', End: true }, 'States.QueryEvaluationError'],
    ];
    for (const [I, error] of inside) {
      const branches = { Type: 'Parallel' as const, Branches: [{ StartAt: 'I', States: { I } }] };
      const A: State = { ...branches, Catch: [{ ErrorEquals: [error], Next: 'B' }], End: true };
      expect(await run({ A, B: end })).toMatchObject({ status: 'SUCCEEDED', output: { Error: error } });
    }
  });

  test('that fails itself is not caught again', async () => {
    const broken = { ErrorEquals: ['E'], Next: 'B', Output: '{% $none %}' };
    const world = new World({ r: failing('E') });
    const done = await run({ A: task({ Catch: [broken, ...caught('States.ALL')] }), B: end }, {}, world);
    expect(done).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(world.events.map((event) => event.type)).toEqual(['entered', 'caught', 'failed']);
  });
});

describe('a timeout', () => {
  test('of a Task applies to each attempt, aborts the call and may be retried', async () => {
    const aborted: unknown[] = [];
    const world = new World({
      r: ({ signal }) => {
        signal.addEventListener('abort', () => aborted.push((signal.reason as StatesError).error));
        return never();
      },
    });
    const Retry = [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 10, MaxAttempts: 1 }];
    const timed = { TimeoutSeconds: '{% 2 + 3 %}', HeartbeatSeconds: 1, Retry };
    expect(await run({ A: task(timed as Partial<State>) }, {}, world)).toMatchObject({ error: 'States.Timeout' });
    expect(aborted).toEqual(['States.Timeout', 'States.Timeout']);
    expect(world.clock.now().toISOString()).toBe('2025-01-01T00:00:20.000Z');
  });

  test('ends with the Task: the call is not aborted later', async () => {
    const world = new World({ r: () => 'done' });
    const A = { ...task({ TimeoutSeconds: 5 } as Partial<State>), Next: 'W', End: undefined } as State;
    const done = await run({ A, W: { Type: 'Wait', Seconds: 60, End: true } }, {}, world);
    expect(done).toMatchObject({ status: 'SUCCEEDED', output: 'done' });
    expect(world.calls[0]!.signal.aborted).toBe(false);
  });

  test('of the machine ends it whatever is caught or retried inside, and aborts running calls', async () => {
    const world = new World({ r: never });
    const A = task({ Retry: [{ ErrorEquals: everything }], Catch: caught('States.ALL') });
    const done = await run({ A, B: end }, {}, world, { TimeoutSeconds: 30 });
    expect(done).toMatchObject({ status: 'FAILED', error: 'States.Timeout', trail: ['A'] });
    expect([world.calls.length, world.calls[0]!.signal.aborted]).toEqual([1, true]);
  });
});

describe('a machine with a loop', () => {
  test('ends at 25,000 events, like Step Functions', async () => {
    const done = await run({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } });
    expect(done).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(done.trail).toHaveLength(12_500);
  });
});

describe('events', () => {
  test('name the state, the attempt, and the place inside Map and Parallel', async () => {
    const world = new World({ r: failing('E') });
    const T = task({ Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }] });
    const map: State = { Type: 'Map', Items: ['x'], ItemProcessor: { StartAt: 'T', States: { T } }, End: true };
    const A: State = {
      Type: 'Parallel',
      Branches: [{ StartAt: 'M', States: { M: map } }],
      Catch: caught('E'),
      End: true,
    };
    await run({ A, B: end }, {}, world);
    expect(world.events.map((event) => `${event.path}${event.state} ${event.type} ${event.attempt}`)).toEqual([
      'A entered 0',
      'A[0].M entered 0',
      'A[0].M[0].T entered 0',
      'A[0].M[0].T retried 0',
      'A[0].M[0].T failed 1',
      'A[0].M failed 0',
      'A caught 0',
      'A exited 0',
      'B entered 0',
      'B exited 0',
    ]);
  });
});
