import { bindingsOf, type Entered, type ExecutionContext } from './context.ts';
import { queryError } from './errors.ts';
import { evaluate } from './expressions.ts';

/** The longest that Step Functions times anything, in seconds: about three years. */
export const longest = 99_999_999;

/** The whole number of a field that may be an expression. Throws States.QueryEvaluationError for one out of bounds. */
export async function wholeNumber(
  field: string,
  value: number | string,
  bounds: readonly [least: number, most: number],
  entered: Entered,
  execution: ExecutionContext,
): Promise<number> {
  const number = await evaluate(value, bindingsOf(execution, entered), field);
  const [least, most] = bounds;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most) {
    throw queryError(field, `${JSON.stringify(number)} is not a whole number from ${least} to ${most}`);
  }
  return number;
}

/** RFC 3339 as the States Language narrows it: a capital T between date and time, a capital Z where there is no offset. */
const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since 1970 of a timestamp, or undefined for anything else. */
export function timeOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || !pattern.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
