import { describe, expect, test } from 'vitest';
import { execute } from '../../lib/asl/interpreter/index.ts';
import type { Json, State } from '../../lib/asl/machine.ts';
import { run, World } from './world.ts';

/** The value of an expression, or the name of the error with which it fails. */
async function value(expression: string, input: Json = {}, world = new World()): Promise<Json> {
  const done = await run({ A: { Type: 'Pass', Output: `{% ${expression} %}`, End: true } }, input, world);
  if (done.status === 'ABORTED') throw new Error('aborted');
  return done.status === 'SUCCEEDED' ? done.output : { error: done.error, cause: done.cause };
}
const fault = (cause: string) => ({
  error: 'States.QueryEvaluationError',
  cause: expect.stringContaining(cause) as string,
});

describe('the value of an expression', () => {
  test('is plain JSON: its arrays have no JSONata properties', async () => {
    const done = await value('$states.input.list[$ > 1]', { list: [1, 2, 3] });
    expect(Object.getOwnPropertyNames(done)).toEqual(['0', '1', 'length']);
    expect(await value("{'a': $states.input.list[$ > 1], 'b': null}", { list: [2, 3] })).toEqual({
      a: [2, 3],
      b: null,
    });
  });

  test('is a single match itself, and a list only with []', async () => {
    expect(await value('$states.input.list[$ > 2]', { list: [1, 2, 3] })).toBe(3);
    expect(await value('$states.input.list[$ > 2][]', { list: [1, 2, 3] })).toEqual([3]);
    expect(await value('$states.input.list', { list: [3] })).toEqual([3]);
  });

  test('leaves out keys without a value, but must have a value itself', async () => {
    expect(await value("{'here': 1, 'gone': $states.input.gone}")).toEqual({ here: 1 });
    expect(await value('$states.input.gone')).toEqual(fault('returned nothing (undefined)'));
    expect(await value('$unknown')).toEqual(fault('returned nothing (undefined)'));
  });

  test('is never a function, at any depth, nor a number that JSON lacks', async () => {
    for (const expression of ['function($x) { $x }', '$sum', "{'f': $sum}", '[function($x) { $x }]', '/ab/']) {
      expect(await value(expression)).toEqual(fault('a function'));
    }
    expect(await value('1 / 0')).toEqual(fault('Infinity is not a JSON number'));
  });

  test('has no context: neither $ nor a bare name is the input', async () => {
    for (const expression of ['$', '$$', 'a']) expect(await value(expression, { a: 1 })).toEqual(fault('undefined'));
  });

  test('does not affect others: what := binds ends with the expression, and the input is never changed', async () => {
    const states: Record<string, State> = {
      A: { Type: 'Pass', Output: ['{% ($x := 1; $x) %}', '{% $exists($x) %}'], Assign: { v: [3, 1] }, Next: 'B' },
      B: { Type: 'Pass', Output: ['{% $states.input %}', '{% $sort($v) %}', '{% $v %}'], End: true },
    };
    expect(await run(states)).toMatchObject({
      output: [
        [1, false],
        [1, 3],
        [3, 1],
      ],
    });
  });

  test('is only evaluated if it is the whole string, in values and not in keys', async () => {
    const Output = { '{% 1 %}': 'a {% 1 %}', b: ' {% 1 %}', c: '{%2%}', d: [true, null, 7] };
    const done = await run({ A: { Type: 'Pass', Output, End: true } });
    expect(done).toMatchObject({ output: { '{% 1 %}': 'a {% 1 %}', b: ' {% 1 %}', c: 2, d: [true, null, 7] } });
  });
});

describe('$states', () => {
  test('has input and context everywhere, result and errorOutput only if there is one', async () => {
    const seen = '{% $keys($states) %}';
    const states: Record<string, State> = {
      A: {
        Type: 'Task',
        Resource: 'r',
        Arguments: seen,
        Output: { before: '{% $states.result %}', after: seen },
        End: true,
      },
    };
    expect(await run(states)).toMatchObject({
      output: { before: ['input', 'context'], after: ['input', 'context', 'result'] },
    });
  });

  test('has the execution, the machine and the state in its context, which a resource gets too', async () => {
    const world = new World();
    const context = '{% $states.context %}';
    const states: Record<string, State> = {
      W: { Type: 'Wait', Seconds: 90, Next: 'A' },
      A: { Type: 'Task', Resource: 'r', Arguments: context, End: true },
    };
    const machine = { QueryLanguage: 'JSONata' as const, Comment: 'the machine', StartAt: 'W', States: states };
    const startTime = new Date('2024-02-03T04:05:06Z');
    const done = await execute(machine, { n: 1 }, world, { name: 'run-7', startTime });
    const expected = {
      Execution: { Id: 'run-7', Name: 'run-7', Input: { n: 1 }, StartTime: '2024-02-03T04:05:06.000Z' },
      StateMachine: { Id: 'the machine', Name: 'the machine' },
      State: { Name: 'A', EnteredTime: '2025-01-01T00:01:30.000Z', RetryCount: 0 },
    };
    expect(done).toMatchObject({ output: expected });
    expect(world.calls[0]!.context).toEqual(expected);
  });
});

describe('the functions of Step Functions', () => {
  test('$partition splits a list, and the last part may be shorter', async () => {
    expect(await value('$partition([1..5], 2)')).toEqual([[1, 2], [3, 4], [5]]);
    expect(await value('$partition([], 2)')).toEqual([]);
    expect(await value('$partition([1], 0)')).toEqual(fault('a size above 0'));
    expect(await value('$partition(1, 1)')).toEqual(fault('takes an array'));
  });

  test('$range goes up or down, includes both ends, and has at most 1000 numbers', async () => {
    expect(await value('$range(1, 9, 4)')).toEqual([1, 5, 9]);
    expect(await value('$range(5, 1, -2)')).toEqual([5, 3, 1]);
    expect(await value('$range(5, 1, 2)')).toEqual([]);
    expect(await value('$count($range(1, 1000, 1))')).toBe(1000);
    expect(await value('$range(0, 1000, 1)')).toEqual(fault('at most 1000'));
    expect(await value('$range(0, 1, 0)')).toEqual(fault('not 0'));
    expect(await value('$range(0, 1)')).toEqual(fault('three numbers'));
  });

  test('$hash knows five algorithms, $parse reads JSON, $eval is not allowed', async () => {
    expect(await value("$hash('', 'MD5')")).toBe('d41d8cd98f00b204e9800998ecf8427e');
    expect(await value("$hash('', 'SHA-1')")).toBe('da39a3ee5e6b4b0d3255bfef95601890afd80709');
    expect(await value("[$length($hash('x', 'SHA-384')), $length($hash('x', 'SHA-512'))]")).toEqual([96, 128]);
    expect(await value("$hash('', 'sha256')")).toEqual(fault('$hash knows'));
    expect(await value('$parse(\'{"a": [1, null]}\').a')).toEqual([1, null]);
    expect(await value("$parse('{')")).toEqual(fault('JSON'));
    expect(await value('$parse(1)')).toEqual(fault('takes a text'));
    expect(await value("$eval('1')")).toEqual(fault('$eval is not supported'));
  });
});

describe('time and chance', () => {
  const chance = "{'r': $random(), 'u': $uuid(), 's': $shuffle([1..9]), 'q': $random(7)}";

  test('come from the ports, so that an execution can be repeated', async () => {
    const seeded = () => {
      let n = 0;
      return new World({}, () => (n++ % 16) / 16);
    };
    expect(await value(chance, {}, seeded())).toEqual(await value(chance, {}, seeded()));
    expect(await value(chance, {}, new World({}, () => 0))).toMatchObject({
      r: 0,
      u: '00000000-0000-4000-8000-000000000000',
      s: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    });
  });

  test('$now and $millis use the clock of the port, in any format', async () => {
    const world = new World();
    expect(await value('$now()', {}, world)).toBe('2025-01-01T00:00:00.000Z');
    expect(await value("$now('[Y]-[M01] [H01]', '+0200')", {}, world)).toBe('2025-01 02');
    expect(await value('$millis()', {}, world)).toBe(Date.parse('2025-01-01T00:00:00Z'));
  });

  test('a seed gives the same number each time, in [0, 1)', async () => {
    const numbers = (await value('[1..200].$random($)')) as number[];
    expect(numbers.every((n) => n >= 0 && n < 1)).toBe(true);
    expect(new Set(numbers).size).toBe(200);
    expect(await value('[1..200].$random($)')).toEqual(numbers);
  });
});

describe('a field that an expression fills', () => {
  const error = async (state: State, input: Json = {}) => {
    const done = await run({ A: state, B: { Type: 'Pass', End: true } }, input);
    return done.status === 'FAILED' ? done.error : done.status;
  };

  test('must get a value of its type and in its range', async () => {
    const task: State = { Type: 'Task', Resource: 'r', End: true };
    for (const bad of ["{% '5' %}", '{% 0 %}', '{% 1.5 %}', '{% -1 %}', '{% 100000000 %}', '{% null %}']) {
      expect(await error({ ...task, TimeoutSeconds: bad })).toBe('States.QueryEvaluationError');
    }
    for (const bad of ["{% '5' %}", '{% 1.5 %}', '{% -1 %}', '{% [1] %}']) {
      expect(await error({ Type: 'Wait', Seconds: bad, End: true })).toBe('States.QueryEvaluationError');
      const processor = { StartAt: 'I', States: { I: { Type: 'Pass' as const, End: true } } };
      const map = { Type: 'Map' as const, Items: [1], ItemProcessor: processor, End: true };
      expect(await error({ ...map, MaxConcurrency: bad })).toBe('States.QueryEvaluationError');
    }
    for (const bad of ['{% 7 %}', "{% '2025' %}", "{% '2025-01-01 00:00:00Z' %}", "{% '2025-01-01T00:00:00' %}"]) {
      expect(await error({ Type: 'Wait', Timestamp: bad, End: true })).toBe('States.QueryEvaluationError');
    }
    expect(await error({ Type: 'Fail', Error: '{% 7 %}' })).toBe('States.QueryEvaluationError');
    expect(await error({ Type: 'Fail', Error: "{% 'E' & 7 %}" })).toBe('E7');
  });
});

describe('256 KiB', () => {
  const kib = (n: number) => 'x'.repeat(n * 1024 - 2);
  const large = "{% $join($map([1..300], function() { $states.input }), '') %}";
  const pass: State = { Type: 'Pass', End: true };

  test('is the most JSON that may enter and leave a state', async () => {
    expect(await run({ pass }, kib(256))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await run({ pass }, `${kib(256)}x`)).toMatchObject({ error: 'States.DataLimitExceeded' });
    // Counted in bytes of UTF-8, not in characters.
    expect(await run({ pass }, 'ä'.repeat(128 * 1024 - 1))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await run({ pass }, 'ä'.repeat(128 * 1024))).toMatchObject({ error: 'States.DataLimitExceeded' });
  });

  test('limit Arguments, results, outputs and what one state assigns', async () => {
    const world = new World({ small: () => 1, big: () => kib(257) });
    const task = (more: object) => ({ Type: 'Task', Resource: 'small', End: true, ...more }) as State;
    for (const state of [
      task({ Arguments: { given: large } }),
      task({ Resource: 'big', Output: 'short' }),
      task({ Output: large }),
      task({ Assign: { v: large } }),
    ]) {
      expect(await run({ state }, kib(1), world)).toMatchObject({ error: 'States.DataLimitExceeded' });
    }
    expect(world.calls.map((call) => call.resource)).toEqual(['big', 'small', 'small']);
  });
});
