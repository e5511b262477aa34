import type { Json } from '../machine.ts';

/**
 * A copy of what JSONata gave, as plain JSON: its arrays carry marks of their own, which must not travel on. Throws Error for what
 * JSON has no word for: functions, numbers that are not finite.
 */
export function plainJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw new Error(`${value} is not a JSON number`);
  }
  if (value === undefined) throw new Error('returned nothing (undefined)');
  if (typeof value !== 'object' || isFunction(value)) throw new Error('returned a function, which is not a JSON value');
  if (Array.isArray(value)) return value.map(plainJson);
  // An own key "__proto__" would set the prototype if it were assigned.
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .map(([key, entry]) => [key, plainJson(entry)]),
  );
}

/** JSONata's functions are objects: JSON.stringify would leave out half of one, or run in circles. */
function isFunction(value: object): boolean {
  return '_jsonata_lambda' in value || '_jsonata_function' in value;
}
