import { expressionOf } from '../expressions.ts';

/** What is wrong with a value, as the rest of a sentence that begins with its field; undefined where nothing is. */
export type Check = (value: unknown) => string | undefined;

export const anything: Check = () => undefined;

export const text: Check = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'must be a text that is not empty';

export const object: Check = (value) => (isObject(value) ? undefined : 'must be an object');

export const list: Check = (value) =>
  Array.isArray(value) && value.length > 0 ? undefined : 'must be a list of one or more';

export const oneOf =
  (...allowed: readonly (string | boolean)[]): Check =>
  (value) =>
    allowed.some((one) => one === value)
      ? undefined
      : `must be ${allowed.map((one) => JSON.stringify(one)).join(' or ')}`;

export const between =
  (least: number, most: number, whole = true): Check =>
  (value) => {
    const kind = whole ? 'a whole number' : 'a number';
    if (typeof value !== 'number' || (whole && !Number.isInteger(value)) || !(value >= least && value <= most)) {
      return Number.isFinite(most) ? `must be ${kind} from ${least} to ${most}` : `must be ${kind} of ${least} or more`;
    }
    return undefined;
  };

/** An expression, whose value is only known when it runs, or what the check allows. */
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

/** `States.Judge`, or `States["Judge it"]` where the name is not a plain word. */
export function join(path: string, key: string): string {
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Visits a list; anything else is no list and was reported as such. */
export function each(value: unknown, visit: (entry: unknown, index: number) => void): void {
  if (Array.isArray(value)) value.forEach(visit);
}
