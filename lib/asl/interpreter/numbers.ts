import { bindingsOf, type Entered, type Setting } from './context.ts';
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
  setting: Setting,
): Promise<number> {
  const number = await evaluate(value, bindingsOf(setting, entered), field);
  const [least, most] = bounds;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most) {
    throw queryError(field, `${JSON.stringify(number)} is not a whole number from ${least} to ${most}`);
  }
  return number;
}
