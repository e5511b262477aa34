import { MillraceError } from '../../errors.ts';
import { suggestion } from '../../plan/suggest.ts';

/** Names of every `${Name}` in a state machine document, sorted. */
export function substitutionsIn(document: unknown): string[] {
  const names = [...JSON.stringify(document).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!);
  return [...new Set(names)].sort();
}

/** The entries of `supplied` that the document names. Throws MR602 for each name without a value. */
export function suppliedSubstitutions(
  document: unknown,
  supplied: Readonly<Record<string, string>>,
): Record<string, string> {
  const wanted = substitutionsIn(document);
  const issues = wanted
    .filter((name) => supplied[name] === undefined)
    .map((name) => ({
      code: 'MR602',
      path: 'state machine',
      message: `the document names "\${${name}}", but the stack has no value for it`,
      hint: suggestion(name, Object.keys(supplied)),
    }));
  if (issues.length > 0) throw new MillraceError(issues);
  return Object.fromEntries(wanted.map((name) => [name, supplied[name]!]));
}
