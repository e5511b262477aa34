import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Graph, Json, Machine, State } from '../../lib/asl/machine.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { machines } from '../asl/generated-machines.ts';
import { callable, comparable, ours, type Reading, theirs } from './readings.ts';
import { seasoned } from './seasoned.ts';

const installed = isTwinInstalled();
const title = 'our interpreter and the Step Functions of MiniStack';
const without = 'skipped: there is no .venv-twin (npm run setup -- --twin)';
const seed = Number(process.env['MILLRACE_AGREEMENT_SEED'] ?? 20250101);
const times = Number(process.env['MILLRACE_AGREEMENT_TIMES'] ?? 1);
const input = { n: 1 };

describe.skipIf(!installed)(installed ? title : `${title}, ${without}`, { timeout: 600_000 * times }, () => {
  let twin: Twin;
  beforeAll(async () => {
    twin = await startTwin({ agreement: true, patience: 5000 });
  });
  afterAll(() => twin?.stop());

  /** Compares `count` machines. Machines with an undefined order of two events do not count. */
  const compare = (drawn: fc.Arbitrary<Machine>, numRuns: number) =>
    fc.assert(
      fc.asyncProperty(drawn.map(callable), async (machine) => {
        const other = await theirs(twin, machine, input);
        fc.pre(other !== undefined);
        expect(comparable(await ours(machine, input))).toEqual(comparable(other));
      }),
      { numRuns: numRuns * times, seed },
    );

  test('agree on machines without failures: output, and each state with its time and its input', () =>
    compare(machines({ failures: false }), 80));

  test('agree on machines with failures: error or output, and each state with its time and its input', () =>
    compare(machines({ failures: true }), 250));

  test('agree on machines with expressions, Output and Assign in more of their fields, and with Fail states', () =>
    compare(seasoned, 150));

  describe('would be found to differ', () => {
    let read: { machine: Machine; other: Reading }[];
    beforeAll(async () => {
      read = [];
      for (const machine of fc.sample(machines({ failures: true }).map(callable), { numRuns: 120, seed: seed + 1 })) {
        const other = await theirs(twin, machine, input);
        if (other !== undefined) read.push({ machine, other: comparable(other) });
      }
    });

    /** The number of machines that the two interpreters read differently. */
    async function differences(broken: (machine: Machine) => Promise<Reading>): Promise<number> {
      let count = 0;
      for (const { machine, other } of read) {
        if (JSON.stringify(sorted(comparable(await broken(machine)))) !== JSON.stringify(sorted(other))) count++;
      }
      return count;
    }

    test('but do not differ by themselves', async () => {
      expect(read.length).toBeGreaterThan(80);
      expect(await differences((machine) => ours(machine, input))).toBe(0);
    });

    test.each<[string, (state: State) => State]>([
      [
        'gives up one try too early',
        (state) => retriers(state, ({ MaxAttempts = 3 }) => ({ MaxAttempts: MaxAttempts - 1 })),
      ],
      [
        'backs off at another rate',
        (state) => retriers(state, ({ BackoffRate = 2 }) => ({ BackoffRate: BackoffRate + 1 })),
      ],
      ['takes no notice of the longest delay', (state) => retriers(state, () => ({ MaxDelaySeconds: 31_622_400 }))],
      [
        'treats a timeout as States.TaskFailed',
        (state) =>
          retriers(state, ({ ErrorEquals }) => ({
            ErrorEquals: ErrorEquals.includes('States.TaskFailed') ? ['States.ALL'] : ErrorEquals,
          })),
      ],
      [
        'counts the tries of all retriers together',
        (state) => ('Retry' in state ? { ...state, Retry: state.Retry!.slice(0, 1) } : state),
      ],
      ['catches nothing', (state) => ({ ...state, ...('Catch' in state && { Catch: [] }) })],
      [
        'assigns nothing in a catcher',
        (state) => ({
          ...state,
          ...('Catch' in state && { Catch: state.Catch!.map(({ Assign: _, ...rest }) => rest) }),
        }),
      ],
      ['takes the items of a Map in turn', (state) => (state.Type === 'Map' ? { ...state, MaxConcurrency: 1 } : state)],
      [
        'compares a number as less than itself',
        (state) =>
          state.Type === 'Choice'
            ? {
                ...state,
                Choices: state.Choices.map((rule) => ({
                  ...rule,
                  Condition: String(rule.Condition).replace('>', '>='),
                })),
              }
            : state,
      ],
      ['ignores the timeout of a Task', (state) => (state.Type === 'Task' ? { ...state, TimeoutSeconds: 61 } : state)],
      ['leaves out the Output of a Succeed state', (state) => (state.Type === 'Succeed' ? { Type: 'Succeed' } : state)],
    ])('if ours %s', async (_, breaking) => {
      expect(await differences((machine) => ours(everyState(machine, breaking), input))).toBeGreaterThan(0);
    });

    test.each<[string, (reading: Reading) => Reading]>([
      [
        'names another error',
        (reading) => ({ ...reading, end: 'error' in reading.end ? { error: `${reading.end.error}!` } : reading.end }),
      ],
      [
        'gives another output',
        (reading) => ({ ...reading, end: 'output' in reading.end ? { output: [reading.end.output] } : reading.end }),
      ],
      [
        'enters the states of a branch in another order',
        (reading) => ({ ...reading, entered: reading.entered.toReversed() }),
      ],
      ['does not enter the last state', (reading) => ({ ...reading, entered: reading.entered.slice(0, -1) })],
    ])('if ours %s', async (_, breaking) => {
      expect(await differences(async (machine) => breaking(await ours(machine, input)))).toBeGreaterThan(0);
    });
  });
});

type Retriers = NonNullable<(State & { Type: 'Task' })['Retry']>;

function retriers(state: State, change: (retrier: Retriers[number]) => Partial<Retriers[number]>): State {
  if (!('Retry' in state) || state.Retry === undefined) return state;
  return { ...state, Retry: state.Retry.map((retrier) => ({ ...retrier, ...change(retrier) })) };
}

function everyState<G extends Graph>(graph: G, change: (state: State) => State): G {
  const inner = (state: State): State => {
    if (state.Type === 'Parallel')
      return { ...state, Branches: state.Branches.map((branch) => everyState(branch, change)) };
    return state.Type === 'Map' ? { ...state, ItemProcessor: everyState(state.ItemProcessor, change) } : state;
  };
  const States = Object.fromEntries(Object.entries(graph.States).map(([name, state]) => [name, change(inner(state))]));
  return { ...graph, States };
}

/** The same value with sorted object keys. */
function sorted<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, inner: Json) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ) as T;
}
