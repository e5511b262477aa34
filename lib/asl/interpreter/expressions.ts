import jsonata from 'jsonata';
import type { Json, Template } from '../machine.ts';
import { queryError, StatesError } from './errors.ts';

/** The bindings of an expression: `$states` and the variables by name. */
export type Bindings = Readonly<Record<string, unknown>>;

const expressionText = /^\{%([\s\S]*)%\}$/;

/** The JSONata of a string `{% ... %}`, or undefined for any other string. */
export const expressionOf = (text: string): string | undefined => expressionText.exec(text)?.[1]?.trim();

const compiled = new Map<string, jsonata.Expression>();

/** Parses an expression, with a cache; rethrows errors of the parser. */
export function parseExpression(source: string): jsonata.Expression {
  let expression = compiled.get(source);
  if (expression === undefined) {
    expression = jsonata(source);
    compiled.set(source, expression);
  }
  return expression;
}

/** Replaces each expression in a template by its value. Throws States.QueryEvaluationError. */
export async function evaluate(template: Template, bindings: Bindings, field: string): Promise<Json> {
  if (typeof template === 'string') {
    const source = expressionOf(template);
    return source === undefined ? template : evaluateExpression(source, bindings, field);
  }
  if (template === null || typeof template !== 'object') return template;
  // In sequence: random values must not depend on which expression finishes first.
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

/**
 * A plain JSON copy of a JSONata result, without the marks that JSONata adds to arrays. Throws Error for values that JSON cannot
 * represent: functions, numbers that are not finite.
 */
function plainJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw new Error(`${value} is not a JSON number`);
  }
  if (value === undefined) throw new Error('returned nothing (undefined)');
  if (typeof value !== 'object' || isFunction(value)) throw new Error('returned a function, which is not a JSON value');
  if (Array.isArray(value)) return value.map(plainJson);
  // Assigning a key "__proto__" would set the prototype.
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .map(([key, entry]) => [key, plainJson(entry)]),
  );
}

/** JSONata's functions are objects: JSON.stringify would omit parts of one or fail on a cycle. */
function isFunction(value: object): boolean {
  return '_jsonata_lambda' in value || '_jsonata_function' in value;
}

/** Maximum input and output of a state, as on AWS: 256 KiB of JSON in UTF-8. */
const maximumBytes = 256 * 1024;

/** Returns the value. Throws States.DataLimitExceeded if it is too large; `what` names it. */
export function limited(value: Json, what: string): Json {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > maximumBytes) {
    throw new StatesError(
      'States.DataLimitExceeded',
      `${what} has ${bytes} bytes; the limit is ${maximumBytes} (256 KiB)`,
    );
  }
  return value;
}
