import { bindingsOf, type Entered, type ExecutionContext } from './context.ts';
import { queryError } from './errors.ts';
import { evaluate } from './expressions.ts';

/** Maximum duration in Step Functions, in seconds: about three years. */
export const longest = 99_999_999;

/** The integer value of a field, which may be an expression. Throws States.QueryEvaluationError if it is out of bounds. */
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

/** RFC 3339 as restricted by the States Language: a capital T between date and time, a capital Z without an offset. */
const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since 1970, or undefined for anything but a timestamp. */
export function timeOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || !pattern.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
