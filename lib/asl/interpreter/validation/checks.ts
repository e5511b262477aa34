import { expressionOf } from '../expressions.ts';

/** Describes an invalid value, continuing a sentence that begins with its field; undefined for a valid value. */
export type Check = (value: unknown) => string | undefined;

export const anything: Check = () => undefined;

export const text: Check = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'must be a non-empty string';

export const object: Check = (value) => (isObject(value) ? undefined : 'must be an object');

export const list: Check = (value) =>
  Array.isArray(value) && value.length > 0 ? undefined : 'must be a non-empty list';

export const oneOf =
  (...allowed: readonly (string | boolean)[]): Check =>
  (value) =>
    allowed.some((one) => one === value)
      ? undefined
      : `must be ${allowed.map((one) => JSON.stringify(one)).join(' or ')}`;

export const between =
  (least: number, most: number, whole = true): Check =>
  (value) => {
    const kind = whole ? 'an integer' : 'a number';
    if (typeof value !== 'number' || (whole && !Number.isInteger(value)) || !(value >= least && value <= most)) {
      return Number.isFinite(most) ? `must be ${kind} from ${least} to ${most}` : `must be ${kind} of ${least} or more`;
    }
    return undefined;
  };

/** Accepts an expression (whose value is only known at run time) or a value that passes the check. */
export const orExpression =
  (check: Check): Check =>
  (value) => {
    if (typeof value === 'string' && expressionOf(value) !== undefined) return undefined;
    const fault = check(value);
    return fault === undefined ? undefined : `${fault}, or an expression {% ... %}`;
  };

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `States.Judge`, or `States["Judge it"]` if the name is not a plain word. */
export function join(path: string, key: string): string {
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Visits the entries of a list; ignores anything else, which was reported before. */
export function each(value: unknown, visit: (entry: unknown, index: number) => void): void {
  if (Array.isArray(value)) value.forEach(visit);
}
