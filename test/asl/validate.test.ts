import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { validateMachine } from '../../lib/asl/interpreter/index.ts';
import { stateMachine } from '../../lib/asl/state-machine.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { planSchema } from '../../lib/plan/schema.ts';

const end = { Type: 'Pass', End: true };
const machine = (States: object, more: object = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(States)[0],
  States,
  ...more,
});
const problems = (given: unknown) =>
  validateMachine(given).map(({ code, path, message }) => `${code} ${path}: ${message}`);
/** The issues of one state `A`, which leads to a final state. */
const ofState = (state: object) => problems(machine({ A: { Next: 'B', ...state }, B: end }));
const task = (more: object) => ({ Type: 'Task', Resource: 'r', ...more });

describe('a valid machine', () => {
  test('has no issues, like the machines of every golden plan', () => {
    const folder = path.join(projectFolder, 'contracts', 'golden');
    const plans = readdirSync(folder).filter((name) => name.endsWith('.plan.json'));
    expect(plans).not.toEqual([]);
    for (const plan of plans) {
      const text = readFileSync(path.join(folder, plan), 'utf8');
      expect(validateMachine(stateMachine(planSchema.parse(JSON.parse(text))))).toEqual([]);
    }
  });

  test('may use every field that its state types have', () => {
    const caught = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Z', Assign: { e: 1 }, Output: 2, Comment: 'x' }] };
    const branch = (name: string) => ({ StartAt: name, States: { [name]: end } });
    const retry = { IntervalSeconds: 2, MaxAttempts: 0, BackoffRate: 1.5, MaxDelaySeconds: 9, JitterStrategy: 'FULL' };
    const states = {
      A: task({
        QueryLanguage: 'JSONata',
        Comment: 'all of it',
        Arguments: { deep: ['{% $states.input %}', { '{% key %}': 'no expression' }] },
        TimeoutSeconds: '{% 60 %}',
        HeartbeatSeconds: 5,
        Credentials: { RoleArn: 'r' },
        Retry: [{ ErrorEquals: ['States.TaskFailed', 'My.Error'], ...retry }],
        ...caught,
        Assign: { größe: '{% $states.result %}', _2: 1 },
        Output: null,
        Next: 'C',
      }),
      C: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'W' }], Default: 'P', Assign: {}, Output: 1 },
      W: { Type: 'Wait', Seconds: 0, Next: 'T' },
      T: { Type: 'Wait', Timestamp: '2025-01-31T12:00:00.5+01:00', Next: 'P' },
      P: { Type: 'Parallel', Branches: [branch('P1'), branch('P2')], Arguments: 1, ...caught, Next: 'M' },
      M: {
        Type: 'Map',
        Items: [1],
        ItemSelector: 'x',
        MaxConcurrency: 0,
        ToleratedFailureCount: '{% 1 %}',
        ToleratedFailurePercentage: 50,
        ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...branch('M1') },
        ...caught,
        Next: 'Z',
      },
      Z: { Type: 'Choice', Choices: [{ Condition: true, Next: 'S' }], Default: 'F' },
      S: { Type: 'Succeed', Output: {} },
      F: { Type: 'Fail', Error: 'E', Cause: "{% 'c' %}" },
    };
    expect(problems(machine(states, { Comment: 'c', Version: '1.0', TimeoutSeconds: 60 }))).toEqual([]);
  });
});

describe('the shape of a machine', () => {
  test('is an object with a query language, a start and states', () => {
    for (const nothing of [undefined, null, 7, 'text', []]) {
      expect(problems(nothing)).toEqual(['MR120 machine: a state machine must be a JSON object']);
    }
    expect(problems({})).toEqual([
      'MR125 machine: QueryLanguage is missing',
      'MR125 machine: StartAt is missing',
      'MR125 machine: States is missing',
    ]);
    expect(problems({ QueryLanguage: 'JSONPath', StartAt: 'A', States: {} })).toEqual([
      'MR126 QueryLanguage: QueryLanguage must be "JSONata"',
      'MR120 States: has no states',
      'MR123 StartAt: there is no state "A" in this graph',
    ]);
  });

  test('knows eight state types, and no inherited property names', () => {
    for (const Type of ['Activity', 'task', 'constructor', undefined, 7]) {
      expect(problems(machine({ A: { Type, End: true } }))).toEqual([
        `MR121 States.A: unknown type of state: ${JSON.stringify(Type)}`,
      ]);
    }
    expect(problems(machine({ A: 'Pass' }))).toEqual(['MR121 States.A: unknown type of state: not an object']);
  });

  test('has all its issues reported at once, inside branches and item processors too', () => {
    const inner = { StartAt: 'X', States: { 'In here': { Type: 'Oops' } } };
    expect(
      problems(
        machine({
          A: { Type: 'Parallel', Branches: [inner, 7], Next: 'B' },
          B: { Type: 'Map', ItemProcessor: { StartAt: 'I', States: { I: task({ Retry: 3, Next: 'A' }) } }, End: true },
        }),
      ),
    ).toEqual([
      'MR121 States.A.Branches[0].States["In here"]: unknown type of state: "Oops"',
      'MR123 States.A.Branches[0].StartAt: there is no state "X" in this graph',
      'MR120 States.A.Branches[1]: must be an object with StartAt and States',
      'MR126 States.B.ItemProcessor.States.I.Retry: Retry must be a non-empty list',
      // A state cannot lead to a state of another graph.
      'MR123 States.B.ItemProcessor.States.I.Next: there is no state "A" in this graph',
    ]);
  });
});

describe('the transitions of a machine', () => {
  test('continue or end after each state, not both', () => {
    expect(problems(machine({ A: { Type: 'Pass' } }))).toEqual(['MR122 States.A: has neither Next nor End']);
    expect(ofState({ Type: 'Pass', End: true })).toEqual(['MR122 States.A: has both Next and End']);
    expect(ofState({ Type: 'Succeed' })[0]).toBe('MR125 States.A.Next: unknown field "Next"');
  });

  test('lead to existing states, from Next, Default, Choices and Catch', () => {
    const choice = { Type: 'Choice', Choices: [{ Condition: true, Next: 'x' }], Default: 'y' };
    expect(problems(machine({ A: choice }))).toEqual([
      'MR123 States.A.Default: there is no state "y" in this graph',
      'MR123 States.A.Choices[0].Next: there is no state "x" in this graph',
    ]);
    expect(ofState(task({ Catch: [{ ErrorEquals: ['E'], Next: 'toString' }] }))).toEqual([
      'MR123 States.A.Catch[0].Next: there is no state "toString" in this graph',
    ]);
  });

  test('reach every state, and an isolated loop is not reached', () => {
    const states = { A: end, B: { Type: 'Pass', Next: 'C' }, C: { Type: 'Pass', Next: 'B' } };
    expect(problems(machine(states))).toEqual([
      'MR124 States.B: no state leads to "B"',
      'MR124 States.C: no state leads to "C"',
    ]);
  });
});

describe('fields', () => {
  test('of JSONPath mode and of distributed Maps are refused with their replacement', () => {
    const [issue] = validateMachine(machine({ A: { ...end, ResultPath: '$' } }));
    expect(issue).toEqual({
      code: 'MR125',
      path: 'States.A.ResultPath',
      message: 'unknown field "ResultPath"',
      hint: 'use Output in JSONata mode',
    });
    const processor = { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'I', States: { I: end } };
    expect(ofState({ Type: 'Map', ItemReader: {}, ItemProcessor: processor })).toEqual([
      'MR125 States.A.ItemReader: unknown field "ItemReader"',
      'MR126 States.A.ItemProcessor.ProcessorConfig: ProcessorConfig must be INLINE; other modes are not supported',
    ]);
  });

  test('are required if a state needs them', () => {
    expect(ofState({ Type: 'Task' })).toEqual(['MR125 States.A: Resource is missing']);
    expect(ofState({ Type: 'Map' })).toEqual(['MR125 States.A: ItemProcessor is missing']);
    expect(ofState({ Type: 'Parallel' })).toEqual(['MR125 States.A: Branches is missing']);
    expect(ofState({ Type: 'Wait' })).toEqual(['MR125 States.A: a Wait state needs either Seconds or Timestamp']);
    expect(ofState({ Type: 'Wait', Seconds: 1, Timestamp: '{% $t %}' })).toEqual([
      'MR125 States.A: a Wait state needs either Seconds or Timestamp',
    ]);
  });

  test('have values of their type and range, or an expression if allowed', () => {
    expect(ofState(task({ TimeoutSeconds: 0, Assign: [] }))).toEqual([
      'MR126 States.A.TimeoutSeconds: TimeoutSeconds must be an integer from 1 to 99999999, or an expression {% ... %}',
      'MR126 States.A.Assign: Assign must be an object',
    ]);
    expect(ofState(task({ TimeoutSeconds: '60' }))).toHaveLength(1);
    expect(ofState(task({ TimeoutSeconds: 60, HeartbeatSeconds: 60 }))).toEqual([
      'MR126 States.A.HeartbeatSeconds: must be less than TimeoutSeconds, which is 60',
    ]);
    expect(ofState({ Type: 'Wait', Timestamp: 'tomorrow' })[0]).toContain('must be a time such as');
    expect(problems(machine({ A: end }, { TimeoutSeconds: '{% 5 %}' }))).toEqual([
      'MR126 TimeoutSeconds: TimeoutSeconds must be an integer from 1 to 99999999',
    ]);
  });
});

describe('expressions', () => {
  test('must parse, wherever they are', () => {
    for (const state of [
      { Type: 'Pass', Output: { a: ['{% ( %}'] } },
      { Type: 'Pass', Assign: { x: '{% ( %}' } },
      task({ Arguments: '{% ( %}' }),
      task({ Catch: [{ ErrorEquals: ['E'], Next: 'B', Output: '{% ( %}' }] }),
      { Type: 'Wait', Seconds: '{% ( %}' },
    ]) {
      expect(ofState(state)).toEqual([expect.stringMatching(/^MR127 States\.A\..*: \{% \( %\}: Expected "\)"/)]);
    }
    expect(ofState({ Type: 'Pass', Output: '{% 1' })).toEqual(['MR127 States.A.Output: {% 1 does not end in %}']);
  });

  test('are refused where the language needs a constant', () => {
    expect(ofState(task({ Resource: '{% $r %}' }))).toEqual([
      'MR127 States.A.Resource: must be a constant, not an expression',
    ]);
    expect(ofState(task({ Catch: [{ ErrorEquals: ['{% $e %}'], Next: 'B' }] }))).toEqual([
      'MR127 States.A.Catch[0].ErrorEquals[0]: must be a constant, not an expression',
    ]);
    const data = { Type: 'Pass', Output: { Next: '{% 1 %}', Catch: [{ Next: '{% 2 %}' }] } };
    expect(ofState(data)).toEqual([]);
  });

  test('may not call $eval at any depth', () => {
    expect(ofState({ Type: 'Pass', Output: '{% $map([1], function($v) { $eval("1") }) %}' })).toEqual([
      'MR127 States.A.Output: $eval is not allowed',
    ]);
  });
});

describe('Retry and Catch', () => {
  test('name possible errors, with States.ALL alone and last', () => {
    const retry = (...listed: unknown[]) => ofState(task({ Retry: listed.map((ErrorEquals) => ({ ErrorEquals })) }));
    expect(retry(['States.ALL'], ['E'])).toEqual([
      'MR128 States.A.Retry[0].ErrorEquals: States.ALL must come last; later entries are never used',
    ]);
    expect(retry(['E', 'States.ALL'])).toEqual([
      'MR128 States.A.Retry[0].ErrorEquals: States.ALL must be the only error in its list',
    ]);
    expect(retry(['States.Oops'])[0]).toContain('"States.Oops" is not an error of the States Language');
    expect(retry([7])).toEqual(['MR128 States.A.Retry[0].ErrorEquals: an error name must be a non-empty string']);
    expect(retry([])).toEqual(['MR126 States.A.Retry[0].ErrorEquals: ErrorEquals must be a non-empty list']);
  });

  test('have numbers within their limits', () => {
    const wrong = { IntervalSeconds: 0, MaxAttempts: -1, BackoffRate: 0.5, MaxDelaySeconds: 0, JitterStrategy: 'SOME' };
    expect(
      ofState(task({ Retry: [{ ErrorEquals: ['E'], ...wrong }, 'again'] })).map((line) => line.slice(0, 5)),
    ).toEqual(['MR126', 'MR126', 'MR126', 'MR126', 'MR126', 'MR126']);
    expect(ofState(task({ Catch: [{ ErrorEquals: ['E'], MaxAttempts: 1 }] }))).toEqual([
      'MR125 States.A.Catch[0]: Next is missing',
      'MR125 States.A.Catch[0].MaxAttempts: unknown field "MaxAttempts"',
    ]);
  });
});

describe('names', () => {
  const inBranch = (Assign: object) => ({
    Type: 'Parallel',
    Branches: ['X', 'Y'].map((name) => ({ StartAt: name, States: { [name]: { ...end, Assign } } })),
  });

  test('of states are unique in the whole machine, because an event has only the name', () => {
    const branch = { StartAt: 'B', States: { B: end } };
    expect(ofState({ Type: 'Parallel', Branches: [branch] })).toEqual([
      'MR129 States.B: another state has the name "B": States.A.Branches[0].States.B',
    ]);
    expect(problems(machine({ ['n'.repeat(81)]: end }))[0]).toContain('at most 80 characters');
  });

  test('of variables are identifiers, and not the reserved one', () => {
    expect(ofState({ Type: 'Pass', Assign: { states: 1, 'a-b': 2, ['n'.repeat(81)]: 3 } })).toHaveLength(3);
  });

  test('of an outer variable are not assigned inside, even if the outer one is assigned later or only by a Catch', () => {
    const late = { A: { ...inBranch({ x: 1 }), Next: 'B' }, B: { ...end, Assign: { x: 2 } } };
    expect(problems(machine(late))).toEqual([
      'MR129 States.A.Branches[0].States.X.Assign.x: "x" is assigned by an outer scope',
      'MR129 States.A.Branches[1].States.Y.Assign.x: "x" is assigned by an outer scope',
    ]);
    const caught = { ...inBranch({ x: 1 }), Catch: [{ ErrorEquals: ['E'], Next: 'B', Assign: { x: 1 } }] };
    expect(ofState(caught)).toHaveLength(2);
    const deeper = {
      Type: 'Parallel',
      Branches: [{ StartAt: 'M', States: { M: { ...inBranch({ x: 1 }), End: true } } }],
    };
    expect(
      problems(machine({ A: { ...end, End: undefined, Next: 'C', Assign: { x: 1 } }, C: { ...deeper, End: true } })),
    ).toContain('MR129 States.C.Branches[0].States.M.Branches[0].States.X.Assign.x: "x" is assigned by an outer scope');
    expect(ofState(inBranch({ x: 1 }))).toEqual([]);
  });
});
