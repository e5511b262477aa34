import { expressionOf, parseExpression } from '../expressions.ts';
import { each, isObject, join } from './checks.ts';
import type { Report } from './state-fields.ts';

/** Fields with constants or graphs; all other fields may contain expressions, at any depth. */
const constant = new Set([
  'Type',
  'Comment',
  'QueryLanguage',
  'Resource',
  'Next',
  'Default',
  'ErrorEquals',
  'JitterStrategy',
]);
const graphs = new Set(['Branches', 'ItemProcessor']);
const parts = new Set(['Choices', 'Retry', 'Catch']);

/** Reports expressions of one state that cannot be parsed or that Step Functions does not allow. */
export function checkExpressions(state: Readonly<Record<string, unknown>>, path: string, report: Report): void {
  for (const [name, value] of Object.entries(state)) {
    const place = join(path, name);
    // Entries of Choice, Retry and Catch have their own constants; in a template, a key may have any name.
    if (parts.has(name)) each(value, (part, i) => isObject(part) && checkExpressions(part, `${place}[${i}]`, report));
    else if (!graphs.has(name)) visit(value, place, constant.has(name), report);
  }
}

function visit(value: unknown, path: string, fixed: boolean, report: Report): void {
  if (typeof value === 'string') checkText(value, path, fixed, report);
  each(value, (entry, i) => visit(entry, `${path}[${i}]`, fixed, report));
  if (!isObject(value)) return;
  for (const [key, entry] of Object.entries(value)) visit(entry, join(path, key), fixed, report);
}

function checkText(text: string, path: string, fixed: boolean, report: Report): void {
  const source = expressionOf(text);
  if (source === undefined) {
    if (!fixed && text.startsWith('{%')) report('MR127', path, `${text} does not end in %}`);
    return;
  }
  if (fixed) {
    report('MR127', path, 'must be a constant, not an expression');
    return;
  }
  try {
    const tree: unknown = parseExpression(source).ast();
    if (calls(tree, 'eval')) report('MR127', path, '$eval is not allowed', 'use $parse to parse JSON');
  } catch (error) {
    report('MR127', path, `${text}: ${(error as { message?: string }).message ?? String(error)}`);
  }
}

function calls(tree: unknown, name: string): boolean {
  if (Array.isArray(tree)) return tree.some((part) => calls(part, name));
  if (!isObject(tree)) return false;
  if (tree['type'] === 'variable' && tree['value'] === name) return true;
  return Object.values(tree).some((part) => calls(part, name));
}
