import type { Json, MapState } from '../machine.ts';
import { type Jobs, together } from './concurrent.ts';
import { bindingsOf, type Entered, type Setting } from './context.ts';
import { queryError, StatesError } from './errors.ts';
import { evaluate } from './expressions.ts';
import { runGraph } from './graph.ts';
import { longest, wholeNumber } from './numbers.ts';

/** Step Functions runs no more iterations of an inline Map at once, whatever MaxConcurrency asks for. */
const mostAtOnce = 40;

/** Runs the item processor on each item. The result is the list of outputs, in the order of the items. */
export async function runMap(state: MapState, entered: Entered, setting: Setting): Promise<Json> {
  const bindings = bindingsOf(setting, entered);
  const items = state.Items === undefined ? entered.input : await evaluate(state.Items, bindings, 'Items');
  // JSONata gives a single match as itself: a list of one is no list unless the expression ends in [].
  if (!Array.isArray(items)) throw queryError('Items', 'not an array');
  const asked = await wholeNumber('MaxConcurrency', state.MaxConcurrency ?? 0, [0, longest], entered, setting);
  const limit = asked === 0 ? mostAtOnce : Math.min(asked, mostAtOnce);
  const verdict = await verdictOf(state, items.length, entered, setting);
  return together(setting, { count: items.length, limit, verdict }, async (i, inner) => {
    const context = { ...setting.context, Map: { Item: { Index: i, Value: items[i]! } } };
    const input =
      state.ItemSelector === undefined
        ? items[i]!
        : await evaluate(state.ItemSelector, bindingsOf({ ...inner, context }, entered), 'ItemSelector');
    return runGraph(state.ItemProcessor, input, { ...inner, context, path: `${setting.path}${entered.name}[${i}].` });
  });
}

/** With no tolerance the Map fails with the error of its item; with one, by the name for too many of them. */
async function verdictOf(state: MapState, count: number, entered: Entered, setting: Setting): Promise<Jobs['verdict']> {
  const { ToleratedFailureCount, ToleratedFailurePercentage } = state;
  if (ToleratedFailureCount === undefined && ToleratedFailurePercentage === undefined) return (failure) => failure;
  const read = (field: string, value: number | string | undefined, most: number) =>
    wholeNumber(field, value ?? most, [0, most], entered, setting);
  const atMost = await read('ToleratedFailureCount', ToleratedFailureCount, longest);
  const percentage = await read('ToleratedFailurePercentage', ToleratedFailurePercentage, 100);
  return (_, failed) => {
    if (failed <= atMost && failed * 100 <= percentage * count) return undefined;
    return new StatesError('States.ExceedToleratedFailureThreshold', `${failed} of ${count} items failed`);
  };
}
