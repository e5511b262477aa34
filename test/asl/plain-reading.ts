import type { Graph, Json, State } from '../../lib/asl/machine.ts';

type Variables = Readonly<Record<string, Json>>;
interface Sight {
  input: Json;
  variables: Variables;
  name: string;
  index?: number;
  result?: Json;
}

/**
 * A second interpreter for the generated machines, if none of their Tasks fails: no clock, no concurrency, no JSONata, none of the
 * interpreter's code. Their few expressions are hard-coded.
 */
export function plainReading(graph: Graph, given: Json, outer: Variables = {}, index?: number): Json {
  let input = given;
  let own: Variables = {};
  for (let name: string | undefined = graph.StartAt; name !== undefined; ) {
    const state: State = graph.States[name]!;
    const sight: Sight = { input, variables: { ...outer, ...own }, name, ...(index !== undefined && { index }) };
    const result = resultOf(state, sight);
    if (result !== undefined) sight.result = result;
    const left = leaving(state, sight);
    const assigned = Object.entries(left.Assign ?? {}).map(([key, value]) => [key, readingOf(value, sight)] as const);
    input = left.Output === undefined ? (result ?? input) : readingOf(left.Output, sight);
    own = { ...own, ...Object.fromEntries(assigned) };
    name = left.next;
  }
  return input;
}

function resultOf(state: State, sight: Sight): Json | undefined {
  switch (state.Type) {
    case 'Task':
      return readingOf(state.Arguments!, sight);
    case 'Parallel':
      return state.Branches.map((branch) => plainReading(branch, sight.input, sight.variables, sight.index));
    case 'Map':
      return (state.Items as Json[]).map((item, i) => {
        const selected =
          state.ItemSelector === undefined ? item : readingOf(state.ItemSelector, { ...sight, index: i, input: item });
        return plainReading(state.ItemProcessor, selected, sight.variables, i);
      });
    default:
      return undefined;
  }
}

function leaving(state: State, sight: Sight): { Assign?: Record<string, Json>; Output?: Json; next?: string } {
  if (state.Type === 'Choice') {
    const rule = state.Choices[0]!;
    return readingOf(rule.Condition, sight) === true ? { ...rule, next: rule.Next } : { next: state.Default! };
  }
  return { ...(state as object), ...('Next' in state && { next: state.Next! }) };
}

function readingOf(template: Json, sight: Sight): Json {
  if (Array.isArray(template)) return template.map((entry) => readingOf(entry, sight));
  if (template !== null && typeof template === 'object') {
    return Object.fromEntries(Object.entries(template).map(([key, entry]) => [key, readingOf(entry, sight)]));
  }
  const source = typeof template === 'string' && template.startsWith('{%') ? template.slice(3, -3) : undefined;
  switch (source) {
    case undefined:
      return template;
    case '$states.input':
      return sight.input;
    case '$states.result':
      return sight.result!;
    case '$states.context.State.Name':
      return sight.name;
    case '$states.context.Map.Item.Index':
      return sight.index!;
  }
  const [, variable, operator, number] = /^\$(\w+)(?: ([+>]) (\d))?$/.exec(source)!;
  const value = sight.variables[variable!] as number;
  if (operator === '+') return value + Number(number);
  return operator === '>' ? value > Number(number) : value;
}
