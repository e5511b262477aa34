import { each, isObject, join } from './checks.ts';
import type { Report } from './state-fields.ts';

/** A letter or underscore, then letters, digits and underscores of any script. */
const identifier = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;

/**
 * Checks the variables that states assign. A name that any state of a scope assigns belongs to that scope, so an inner scope may not
 * assign it, regardless of the order of execution; sibling scopes may.
 */
export function checkVariables(graph: unknown, path: string, outer: readonly string[], report: Report): void {
  if (!isObject(graph) || !isObject(graph['States'])) return;
  const states = Object.entries(graph['States']).flatMap(([name, state]) =>
    isObject(state) ? [{ state, place: join(join(path, 'States'), name) }] : [],
  );
  const known = new Set(outer);
  for (const { state, place } of states) {
    for (const [name, at] of assignedIn(state, place)) {
      if (name === 'states') report('MR129', at, '"states" is reserved');
      else if (name.length > 80 || !identifier.test(name))
        report('MR129', at, `"${name}" is not a valid variable name`);
      if (outer.includes(name)) {
        report('MR129', at, `"${name}" is assigned by an outer scope`, 'give the inner variable another name');
      }
      known.add(name);
    }
  }
  for (const { state, place } of states) {
    each(state['Branches'], (branch, i) => checkVariables(branch, `${place}.Branches[${i}]`, [...known], report));
    checkVariables(state['ItemProcessor'], `${place}.ItemProcessor`, [...known], report);
  }
}

/** The variables that a state, its rules and its catchers assign, with their places. */
function assignedIn(state: Readonly<Record<string, unknown>>, path: string): [name: string, at: string][] {
  const found: [string, string][] = [];
  const take = (from: unknown, place: string) => {
    if (!isObject(from) || !isObject(from['Assign'])) return;
    for (const name of Object.keys(from['Assign'])) found.push([name, join(`${place}.Assign`, name)]);
  };
  take(state, path);
  for (const field of ['Choices', 'Catch']) each(state[field], (entry, i) => take(entry, `${path}.${field}[${i}]`));
  return found;
}
