import { each, isObject, join } from './checks.ts';
import type { Report } from './state-fields.ts';

/** Checks that the states of one graph lead to existing states, that each state is reached, and that one ends the graph. */
export function checkTransitions(
  graph: Readonly<Record<string, unknown>>,
  states: Readonly<Record<string, unknown>>,
  path: string,
  report: Report,
): void {
  const reached = new Set<string>();
  const lead = (target: unknown, from: string): string[] => {
    if (typeof target !== 'string') return [];
    if (Object.hasOwn(states, target)) return [target];
    report('MR123', from, `there is no state "${target}" in this graph`, `known: ${Object.keys(states).join(', ')}`);
    return [];
  };
  const open = lead(graph['StartAt'], join(path, 'StartAt'));
  const targets = new Map(
    Object.entries(states).map(([name, state]) => {
      const place = join(join(path, 'States'), name);
      return [name, isObject(state) ? leadsOf(state, place, report).flatMap(([to, from]) => lead(to, from)) : []];
    }),
  );
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    open.push(...(targets.get(name) ?? []));
  }
  // Without a valid start no state is reached, and a report for every state would not help.
  if (reached.size === 0) return;
  for (const name of Object.keys(states)) {
    if (!reached.has(name)) report('MR124', join(join(path, 'States'), name), `no state leads to "${name}"`);
  }
}

/** Every target that a state names, with its place. */
function leadsOf(state: Readonly<Record<string, unknown>>, path: string, report: Report): [unknown, string][] {
  const leads: [unknown, string][] = [[state['Next'], `${path}.Next`]];
  const goesOn = ['Task', 'Pass', 'Wait', 'Parallel', 'Map'].includes(String(state['Type']));
  if (goesOn && 'Next' in state === 'End' in state) {
    report('MR122', path, 'Next' in state ? 'has both Next and End' : 'has neither Next nor End');
  }
  if (state['Type'] === 'Choice') leads.push([state['Default'], `${path}.Default`]);
  for (const field of ['Choices', 'Catch']) {
    each(state[field], (entry, i) => {
      if (isObject(entry)) leads.push([entry['Next'], `${path}.${field}[${i}].Next`]);
    });
  }
  return leads;
}
