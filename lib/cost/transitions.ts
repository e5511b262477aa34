import type { Graph, Machine, State } from '../asl/machine.ts';
import type { Range } from './range.ts';

export interface Transitions {
  /** State transitions, which Step Functions Standard bills. */
  states: Range;
  /** Lambda functions invoked. */
  invocations: Range;
}

interface Steps {
  states: number;
  invocations: number;
  /** Tasks entered; each may be retried. */
  tasks: number;
}

const none: Steps = { states: 0, invocations: 0, tasks: 0 };

/**
 * The state transitions of one run, counted in the machine's document: low is the shortest path to a Succeed (nothing to do), expected
 * the longest, high the longest with every Task tried twice. The states of a Map count `mapItems` times. A loop counts once.
 */
export function transitions(machine: Pick<Machine, 'StartAt' | 'States'>, mapItems: number): Transitions {
  const longest = walk(machine, 'longest', mapItems);
  const shortest = walk(machine, 'shortest', mapItems);
  return {
    states: { low: shortest.states, expected: longest.states, high: longest.states + longest.tasks },
    invocations: { low: shortest.invocations, expected: longest.invocations, high: longest.invocations * 2 },
  };
}

function walk(graph: Pick<Graph, 'StartAt' | 'States'>, way: 'longest' | 'shortest', mapItems: number): Steps {
  const known = new Map<string, Steps | undefined>();
  const better = (one: Steps, other: Steps | undefined) =>
    other === undefined || (way === 'longest' ? one.states > other.states : one.states < other.states);

  /** Undefined if no Succeed is reached: a Fail, or an endless loop. */
  const from = (name: string, passed: ReadonlySet<string>): Steps | undefined => {
    if (known.has(name)) return known.get(name);
    const state = graph.States[name];
    if (state === undefined || state.Type === 'Fail' || passed.has(name)) return undefined;
    const here = inside(state, way, mapItems);
    const onwards = next(state);
    let best: Steps | undefined = onwards === 'end' ? none : undefined;
    for (const following of onwards === 'end' ? [] : onwards) {
      const rest = from(following, new Set([...passed, name]));
      if (rest !== undefined && better(rest, best)) best = rest;
    }
    const total = best === undefined ? undefined : add(here, best);
    known.set(name, total);
    return total;
  };
  return from(graph.StartAt, new Set()) ?? none;
}

function inside(state: State, way: 'longest' | 'shortest', mapItems: number): Steps {
  const one = { ...none, states: 1 };
  switch (state.Type) {
    case 'Task': {
      const invokes = state.Resource.includes(':lambda:') || state.Resource.startsWith('${');
      return { states: 1, tasks: 1, invocations: invokes ? 1 : 0 };
    }
    case 'Map': {
      const item = walk(state.ItemProcessor, way, mapItems);
      return Array.from({ length: mapItems }).reduce<Steps>((sum) => add(sum, item), one);
    }
    case 'Parallel':
      return state.Branches.reduce((sum, branch) => add(sum, walk(branch, way, mapItems)), one);
    case 'Pass':
    case 'Choice':
    case 'Wait':
    case 'Succeed':
    case 'Fail':
      return one;
    default:
      return state satisfies never;
  }
}

function next(state: State): readonly string[] | 'end' {
  if (state.Type === 'Succeed') return 'end';
  if (state.Type === 'Fail') return [];
  if (state.Type === 'Choice') {
    return [...state.Choices.map((choice) => choice.Next), ...(state.Default === undefined ? [] : [state.Default])];
  }
  return state.Next === undefined ? 'end' : [state.Next];
}

const add = (one: Steps, other: Steps): Steps => ({
  states: one.states + other.states,
  invocations: one.invocations + other.invocations,
  tasks: one.tasks + other.tasks,
});
