import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Machine, Retrier, State } from '../../lib/asl/machine.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { comparable, ours, type Reading, theirs } from './readings.ts';

const installed = isTwinInstalled();
const title = 'the Step Functions of the twin, where MiniStack as published does not do what AWS documents';
const without = 'skipped: there is no .venv-twin (npm run setup -- --twin)';

const machine = (States: Record<string, State>): Machine => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(States)[0]!,
  States,
});

const task = (Resource: string) => ({
  Type: 'Task' as const,
  Resource,
  Arguments: { given: '{% $states.input %}', attempt: '{% $states.context.State.RetryCount %}', nap: 10 },
});

/** A Task that fails once, and a state after it. */
const retried = (retrier: Omit<Retrier, 'ErrorEquals'>): Machine =>
  machine({
    Flaky: { ...task('flaky'), Retry: [{ ErrorEquals: ['E1'], ...retrier }], Next: 'Done' },
    Done: { Type: 'Pass', Output: 'done', End: true },
  });

interface Case {
  name: string;
  machine: Machine;
  documented: Reading['end'];
  published: Reading['end'];
  /** When the last state is entered, in milliseconds; only if the case is about it. */
  at?: { documented: number; published: number };
}

const cases: Case[] = [
  {
    name: 'the Output of a Succeed state',
    machine: machine({ Done: { Type: 'Succeed', Output: { n: '{% $states.input.n %}' } } }),
    documented: { output: { n: 1 } },
    published: { output: { n: 1, m: 2 } },
  },
  {
    name: 'the Output of a Choice where no rule holds',
    machine: machine({
      Which: {
        Type: 'Choice',
        Choices: [{ Condition: '{% false %}', Next: 'Done' }],
        Default: 'Done',
        Output: 'by default',
      },
      Done: { Type: 'Succeed' },
    }),
    documented: { output: 'by default' },
    published: { output: { n: 1, m: 2 } },
  },
  {
    name: 'Arguments, Output and Assign of a Parallel',
    machine: machine({
      Both: {
        Type: 'Parallel',
        Arguments: '{% $states.input.n %}',
        Branches: ['One', 'Two'].map((name) => ({ StartAt: name, States: { [name]: { Type: 'Pass', End: true } } })),
        Output: { of: '{% $states.result %}' },
        Assign: { kept: true },
        Next: 'Tell',
      },
      Tell: { Type: 'Pass', Output: ['{% $states.input %}', '{% $exists($kept) %}'], End: true },
    }),
    documented: { output: [{ of: [1, 1] }, true] },
    published: { output: [Array(2).fill({ n: 1, m: 2 }), false] },
  },
  {
    name: 'a scope for each branch of a Parallel',
    machine: machine({
      Start: { Type: 'Pass', Assign: { seen: 0 }, Next: 'Both' },
      Both: {
        Type: 'Parallel',
        Branches: ['One', 'Two'].map((name, i) => ({
          StartAt: name,
          States: {
            [name]: { Type: 'Pass', Assign: { own: i }, Next: `${name} waits` },
            [`${name} waits`]: { Type: 'Wait', Seconds: 1, Next: `${name} tells` },
            [`${name} tells`]: { Type: 'Pass', Output: '{% $own %}', End: true },
          },
        })),
        End: true,
      },
    }),
    documented: { output: [0, 1] },
    published: { output: [1, 1] },
  },
  {
    name: 'TimeoutSeconds as an expression',
    machine: machine({ Stuck: { ...task('stuck'), TimeoutSeconds: '{% $states.input.n %}', End: true } }),
    documented: { error: 'States.Timeout' },
    published: { error: 'States.Runtime' },
  },
  {
    name: 'an Assign whose expressions see the values from before it',
    machine: machine({
      Start: { Type: 'Pass', Assign: { a: 1, b: 2 }, Next: 'Swap' },
      Swap: { Type: 'Pass', Assign: { a: '{% $b %}', b: '{% $a %}' }, Next: 'Tell' },
      Tell: { Type: 'Pass', Output: ['{% $a %}', '{% $b %}'], End: true },
    }),
    documented: { output: [2, 1] },
    published: { output: [2, 2] },
  },
  {
    name: 'MaxDelaySeconds',
    machine: retried({ IntervalSeconds: 50, MaxDelaySeconds: 20 }),
    documented: { output: 'done' },
    published: { output: 'done' },
    at: { documented: 20_020, published: 50_020 },
  },
  {
    name: 'a delay of more than a minute',
    machine: retried({ IntervalSeconds: 90 }),
    documented: { output: 'done' },
    published: { output: 'done' },
    at: { documented: 90_020, published: 60_020 },
  },
  {
    name: 'JitterStrategy, with a chance of one half',
    machine: retried({ IntervalSeconds: 50, JitterStrategy: 'FULL' }),
    documented: { output: 'done' },
    published: { output: 'done' },
    at: { documented: 25_020, published: 50_020 },
  },
];

describe.skipIf(!installed)(installed ? title : `${title}, ${without}`, () => {
  let corrected: Twin;
  let published: Twin;
  beforeAll(async () => {
    const options = { agreement: true, patience: 5000 };
    [corrected, published] = await Promise.all([startTwin(options), startTwin({ ...options, asPublished: true })]);
  });
  afterAll(() => Promise.all([corrected?.stop(), published?.stop()]));

  test.each(cases)('$name', async ({ machine, documented, published: otherwise, at }) => {
    const input = { n: 1, m: 2 };
    const readings = {
      ours: await ours(machine, input),
      corrected: comparable((await theirs(corrected, machine, input))!),
      published: comparable((await theirs(published, machine, input))!),
    };
    expect(readings.ours.end).toEqual(documented);
    expect(readings.corrected.end).toEqual(documented);
    expect(readings.published.end).toEqual(otherwise);
    if (at === undefined) return;
    expect(readings.ours.entered.at(-1)!.at).toBe(at.documented);
    expect(readings.corrected.entered.at(-1)!.at).toBe(at.documented);
    expect(readings.published.entered.at(-1)!.at).toBe(at.published);
  });
});
