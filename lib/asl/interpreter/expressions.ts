import jsonata from 'jsonata';
import type { Json, Template } from '../machine.ts';
import { StatesError } from './errors.ts';

/** What an expression sees: `$states` and the variables, each by its name. */
export type Bindings = Readonly<Record<string, unknown>>;

const expressionText = /^\{%([\s\S]*)%\}$/;

/** The JSONata of a string `{% ... %}`, or undefined for any other string. */
const expressionOf = (text: string): string | undefined => expressionText.exec(text)?.[1]?.trim();

const compiled = new Map<string, jsonata.Expression>();

/** Parses once; throws what the parser throws. */
function parseExpression(source: string): jsonata.Expression {
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
  if (Array.isArray(template)) {
    return Promise.all(template.map((entry, i) => evaluate(entry, bindings, `${field}[${i}]`)));
  }
  if (template === null || typeof template !== 'object') return template;
  const entries = Object.entries(template).map(
    async ([key, entry]): Promise<[string, Json]> => [key, await evaluate(entry, bindings, `${field}.${key}`)],
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function evaluateExpression(source: string, bindings: Bindings, field: string): Promise<Json> {
  let value: unknown;
  try {
    // jsonata remembers what an expression assigns in its bindings, so each evaluation gets its own.
    value = await parseExpression(source).evaluate(undefined, { ...bindings });
  } catch (error) {
    const message = (error as { message?: string }).message ?? String(error);
    throw new StatesError('States.QueryEvaluationError', `${field}: ${message}`);
  }
  if (value === undefined || typeof value === 'function') {
    throw new StatesError('States.QueryEvaluationError', `${field}: {% ${source} %} returned nothing`);
  }
  // Arrays of jsonata carry marks of its own; what goes on is plain JSON.
  const text = JSON.stringify(value);
  if (text === undefined) throw new StatesError('States.QueryEvaluationError', `${field}: not a JSON value`);
  return JSON.parse(text) as Json;
}
