import { type Grant, grantsOf } from './statements.ts';
import type { Template } from './template.ts';

/** A permission that is new, or no longer denied. */
export interface Widened extends Grant {
  why: 'newly allowed' | 'condition dropped' | 'no longer denied';
}

/**
 * Permissions of the templates `after` beyond those of `before`. Compares single statements: if one statement now allows what several
 * allowed together, it counts as wider. So the result may contain too much, but never too little.
 */
export function permissionsWidened(
  before: Readonly<Record<string, Template>>,
  after: Readonly<Record<string, Template>>,
): Widened[] {
  return widened(grantsOf(before), grantsOf(after));
}

export function widened(before: readonly Grant[], after: readonly Grant[]): Widened[] {
  const found = [
    ...withEffect(after, 'Allow')
      .filter((grant) => !withEffect(before, 'Allow').some((old) => includes(old, grant)))
      .map((grant): Widened => {
        const bare = { ...grant, conditions: {} };
        const was = withEffect(before, 'Allow').some((old) => includes({ ...old, conditions: {} }, bare));
        return { ...grant, why: was ? 'condition dropped' : 'newly allowed' };
      }),
    ...withEffect(before, 'Deny')
      .filter((grant) => !withEffect(after, 'Deny').some((now) => includes(now, grant)))
      .map((grant): Widened => ({ ...grant, why: 'no longer denied' })),
  ];
  const keyed = new Map(found.map((grant) => [JSON.stringify(grant), grant]));
  const order = ({ who, action, resource }: Grant) => `${who} ${action} ${resource}`;
  return [...keyed.values()].sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
}

const withEffect = (grants: readonly Grant[], effect: Grant['effect']) =>
  grants.filter((grant) => grant.effect === effect);

/** Whether `wide` grants at least what `narrow` grants. */
function includes(wide: Grant, narrow: Grant): boolean {
  return (
    (wide.who === narrow.who || wide.who === '*') &&
    patternCovers(wide.action, narrow.action) &&
    patternCovers(wide.resource, narrow.resource) &&
    // Additional conditions are narrower; other values of a condition cannot be compared.
    Object.entries(wide.conditions).every(([key, value]) => narrow.conditions[key] === value)
  );
}

/** A negated pattern (`not ...`) is only covered by itself and by `*`. */
const patternCovers = (wide: string, narrow: string): boolean =>
  wide === narrow || wide === '*' || (!wide.startsWith('not ') && !narrow.startsWith('not ') && covers(wide, narrow));

/** IAM patterns: `*` matches any text, `?` any one character. */

/** Whether `wide` matches every text that `narrow` matches. May wrongly return false, but never wrongly true. */
export function covers(wide: string, narrow: string): boolean {
  // Row i, column j: whether the rest of `wide` from i covers the rest of `narrow` from j.
  let below: boolean[] = [];
  for (let i = wide.length; i >= 0; i--) {
    const row: boolean[] = new Array<boolean>(narrow.length + 1).fill(false);
    for (let j = narrow.length; j >= 0; j--) {
      if (i === wide.length) row[j] = j === narrow.length;
      else if (wide[i] === '*') row[j] = below[j]! || (j < narrow.length && row[j + 1]!);
      else if (j < narrow.length && narrow[j] !== '*' && (wide[i] === narrow[j] || wide[i] === '?'))
        row[j] = below[j + 1]!;
    }
    below = row;
  }
  return below[0]!;
}

/** Whether the pattern matches a text. */
export const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[\\s\\S]*')
      .replaceAll('?', '[\\s\\S]')}$`,
  ).test(text);
