import jsonata from 'jsonata';
import type { Json, Template } from '../machine.ts';
import { queryError } from './errors.ts';
import { plainJson } from './plain-json.ts';

/** What an expression sees: `$states` and the variables, each by its name. */
export type Bindings = Readonly<Record<string, unknown>>;

const expressionText = /^\{%([\s\S]*)%\}$/;

/** The JSONata of a string `{% ... %}`, or undefined for any other string. */
export const expressionOf = (text: string): string | undefined => expressionText.exec(text)?.[1]?.trim();

const compiled = new Map<string, jsonata.Expression>();

/** Parses once; throws what the parser throws. */
export function parseExpression(source: string): jsonata.Expression {
  let expression = compiled.get(source);
  if (expression === undefined) {
    expression = jsonata(source);
    compiled.set(source, expression);
  }
  return expression;
}

/** A template with each expression in it replaced by its value. Throws States.QueryEvaluationError. */
export async function evaluate(template: Template, bindings: Bindings, field: string): Promise<Json> {
  if (typeof template === 'string') {
    const source = expressionOf(template);
    return source === undefined ? template : evaluateExpression(source, bindings, field);
  }
  if (template === null || typeof template !== 'object') return template;
  // One after the other: what chance gives must not depend on which expression happens to finish first.
  if (Array.isArray(template)) {
    const values: Json[] = [];
    for (const [i, entry] of template.entries()) values.push(await evaluate(entry, bindings, `${field}[${i}]`));
    return values;
  }
  const entries: [string, Json][] = [];
  for (const [key, entry] of Object.entries(template)) {
    entries.push([key, await evaluate(entry, bindings, `${field}.${key}`)]);
  }
  return Object.fromEntries(entries);
}

async function evaluateExpression(source: string, bindings: Bindings, field: string): Promise<Json> {
  try {
    return plainJson(await parseExpression(source).evaluate(undefined, bindings));
  } catch (error) {
    throw queryError(field, `{% ${source} %}: ${(error as { message?: string }).message ?? String(error)}`);
  }
}
