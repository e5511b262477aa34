import fc from 'fast-check';
import type {
  Catcher,
  ChoiceState,
  Graph,
  Json,
  Machine,
  MapState,
  ParallelState,
  PassState,
  State,
  TaskState,
  WaitState,
} from '../../lib/asl/machine.ts';
import { machines } from '../asl/generated-machines.ts';

/** Generated machines with further fields in some states: those of Parallel and Map, expressions in settings, Fail states. */
export const seasoned: fc.Arbitrary<Machine> = fc
  .tuple(machines({ failures: true }), fc.array(fc.nat(11), { minLength: 12, maxLength: 60 }))
  .map(([machine, picks]) => {
    let taken = 0;
    const pick = () => picks[taken++ % picks.length]!;
    const graph = <G extends Graph>(given: G, depth: number): G => ({
      ...given,
      States: Object.fromEntries(
        Object.entries(given.States).map(([name, inner]) => [name, name === 'Start' ? inner : state(inner, depth)]),
      ),
    });
    const state = (given: State, depth: number): State => {
      switch (given.Type) {
        case 'Parallel':
          return {
            ...caughtWith(given, pick()),
            Branches: given.Branches.map((branch) => graph(branch, depth - 1)),
            ...chosen<ParallelState>(pick(), [
              { Arguments: { given: '{% $states.input %}' } },
              { Output: { of: '{% $states.result %}', from: '{% $states.input %}' } },
              { Assign: { [`p${depth}`]: '{% $count($states.result) %}' }, Output: '{% $v %}' },
            ]),
          };
        case 'Map':
          return {
            ...caughtWith(given, pick()),
            ItemProcessor: graph(given.ItemProcessor, depth - 1),
            ...chosen<MapState>(pick(), [
              { Output: '{% $states.result %}', Assign: { [`p${depth}`]: '{% $states.result %}' } },
              { Items: '{% [1..$v] %}', MaxConcurrency: '{% $v - 1 %}' },
              { Items: '{% [4, 5][$ > 9][] %}' },
              { ItemSelector: { all: '{% $states.input %}', item: '{% $states.context.Map.Item %}' } },
            ]),
          };
        case 'Task':
          return {
            ...caughtWith(given, pick()),
            ...chosen<TaskState>(pick(), [
              { TimeoutSeconds: '{% $v + 1 %}' },
              { Assign: { [`t${depth}`]: '{% $states.result.attempt %}', [`u${depth}`]: [`{% $w${depth} %}`] } },
              { Output: '{% $states.result.missing %}' },
            ]),
          };
        case 'Choice':
          return {
            ...given,
            ...chosen<ChoiceState>(pick(), [
              { Output: { byDefault: '{% $states.input %}' } },
              { Assign: { [`w${depth}`]: `{% $w${depth} - 1 %}` } },
              {
                Choices: [
                  { Condition: '{% $states.input.a = $v or $v in [1, 2] %}', Next: given.Default! },
                  ...given.Choices,
                ],
              },
            ]),
          };
        case 'Wait': {
          const { Seconds: _, ...timeless } = given;
          if (pick() === 0) return { ...timeless, Timestamp: '2025-01-01T00:00:30Z' };
          return {
            ...given,
            ...chosen<WaitState>(pick(), [
              { Seconds: '{% $v * 2 %}' },
              { Output: '{% $states.context.State.Name %}' },
              { Assign: { [`w${depth}`]: `{% $w${depth} + 1 %}` } },
            ]),
          };
        }
        case 'Succeed':
          // One pick in twelve.
          if (pick() > 0) return given;
          return { Type: 'Fail', Error: 'E1', Cause: "{% 'at ' & $states.context.State.Name %}" };
        case 'Pass':
          return {
            ...given,
            ...chosen<PassState>(pick(), [
              { Output: '{% 1 + $states.context.State.Name %}' },
              { Output: '{% $states.context.Execution.Input %}' },
              { Assign: { [`w${depth}`]: `{% $w${depth} + 1 %}`, [`q${depth}`]: `{% $w${depth} %}` } },
            ]),
          };
        default:
          return given;
      }
    };
    return graph(machine, 2);
  });

/** The additions for a pick from 0 to 11; none for most. */
function chosen<T>(pick: number, from: readonly Partial<T>[]): Partial<T> | undefined {
  return from[pick];
}

/** Adds an Output to some catchers. */
function caughtWith<S extends { Catch?: Catcher[] }>(given: S, pick: number): S {
  const Output: Json = { was: '{% $states.errorOutput.Error %}', input: '{% $states.input %}' };
  return given.Catch && pick % 2 === 0
    ? { ...given, Catch: given.Catch.map((catcher) => ({ ...catcher, Output })) }
    : given;
}
