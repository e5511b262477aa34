import type { ChoiceState, FailState, Json, MapState, ParallelState, State, TaskState, WaitState } from '../machine.ts';
import { type Jobs, runConcurrently } from './concurrent.ts';
import { bindingsOf, contextOf, type Entered, type ExecutionContext } from './context.ts';
import { queryError, StatesError } from './errors.ts';
import { evaluate, limited } from './expressions.ts';
import { runGraph } from './graph.ts';
import { longest, timeOf, wholeNumber } from './numbers.ts';
import { withTimeout } from './timeout.ts';

/** The result of a state before its Output and Assign are evaluated. */
export type Step = { kind: 'result'; result: Json } | { kind: 'pass' } | { kind: 'chosen'; rule: number | 'default' };

/** Executes one state. Throws StatesError for failures that Retry and Catch can match. */
export async function step(state: State, entered: Entered, execution: ExecutionContext): Promise<Step> {
  switch (state.Type) {
    case 'Task':
      return { kind: 'result', result: await runTask(state, entered, execution) };
    case 'Parallel':
      return { kind: 'result', result: await runParallel(state, entered, execution) };
    case 'Map':
      return { kind: 'result', result: await runMap(state, entered, execution) };
    case 'Choice':
      return { kind: 'chosen', rule: await choose(state, entered, execution) };
    case 'Wait':
      await wait(state, entered, execution);
      return { kind: 'pass' };
    case 'Fail':
      throw await failureOf(state, entered, execution);
    case 'Pass':
    case 'Succeed':
      return { kind: 'pass' };
    default:
      return state satisfies never;
  }
}

/** Ignores HeartbeatSeconds: heartbeats need a task token or activity, which no local resource has. */
async function runTask(state: TaskState, entered: Entered, execution: ExecutionContext): Promise<Json> {
  const given = await argumentsOf(state, entered, execution);
  const timeout =
    state.TimeoutSeconds === undefined
      ? undefined
      : await wholeNumber('TimeoutSeconds', state.TimeoutSeconds, [1, longest], entered, execution);
  return withTimeout(timeout, execution, (signal) =>
    execution.ports.invoke({
      resource: state.Resource,
      arguments: given,
      state: entered.name,
      attempt: entered.attempt,
      signal,
      context: contextOf(execution, entered),
    }),
  );
}

async function runParallel(state: ParallelState, entered: Entered, execution: ExecutionContext): Promise<Json> {
  const input = await argumentsOf(state, entered, execution);
  const count = state.Branches.length;
  return runConcurrently(execution, { count, limit: count, verdict: (failure) => failure }, (i, inner) =>
    runGraph(state.Branches[i]!, input, { ...inner, path: `${execution.path}${entered.name}[${i}].` }),
  );
}

async function argumentsOf(
  state: TaskState | ParallelState,
  entered: Entered,
  execution: ExecutionContext,
): Promise<Json> {
  if (state.Arguments === undefined) return entered.input;
  return limited(await evaluate(state.Arguments, bindingsOf(execution, entered), 'Arguments'), 'Arguments');
}

async function choose(state: ChoiceState, entered: Entered, execution: ExecutionContext): Promise<number | 'default'> {
  const bindings = bindingsOf(execution, entered);
  for (const [i, rule] of state.Choices.entries()) {
    const field = `Choices[${i}].Condition`;
    const holds = await evaluate(rule.Condition, bindings, field);
    if (typeof holds !== 'boolean') throw queryError(field, `${JSON.stringify(holds)} is not a boolean`);
    if (holds) return i;
  }
  if (state.Default !== undefined) return 'default';
  throw new StatesError('States.NoChoiceMatched', `no choice of ${entered.name} matched, and it has no Default`);
}

async function wait(state: WaitState, entered: Entered, execution: ExecutionContext): Promise<void> {
  const { clock } = execution.ports;
  let milliseconds: number;
  if (state.Seconds !== undefined) {
    milliseconds = (await wholeNumber('Seconds', state.Seconds, [0, longest], entered, execution)) * 1000;
  } else {
    const text = await evaluate(state.Timestamp ?? '', bindingsOf(execution, entered), 'Timestamp');
    const until = timeOf(text);
    if (until === undefined) throw queryError('Timestamp', `${JSON.stringify(text)} is not an RFC 3339 timestamp`);
    milliseconds = Math.max(0, until - clock.now().getTime());
  }
  await withTimeout(undefined, execution, (signal) => clock.sleep(milliseconds, signal));
}

async function failureOf(state: FailState, entered: Entered, execution: ExecutionContext): Promise<StatesError> {
  const bindings = bindingsOf(execution, entered);
  const texts: string[] = [];
  for (const field of ['Error', 'Cause'] as const) {
    const text = await evaluate(state[field] ?? '', bindings, field);
    if (typeof text !== 'string') throw queryError(field, `${JSON.stringify(text)} is not a string`);
    texts.push(text);
  }
  return new StatesError(texts[0]!, texts[1]!);
}

/** Maximum concurrent iterations of an inline Map in Step Functions, for any MaxConcurrency. */
const mostAtOnce = 40;

/** Runs the item processor on each item. Returns the outputs in the order of the items. */
async function runMap(state: MapState, entered: Entered, execution: ExecutionContext): Promise<Json> {
  const bindings = bindingsOf(execution, entered);
  const items = state.Items === undefined ? entered.input : await evaluate(state.Items, bindings, 'Items');
  // JSONata returns a single match without a list, unless the expression ends in [].
  if (!Array.isArray(items)) throw queryError('Items', 'not an array');
  const requested = await wholeNumber('MaxConcurrency', state.MaxConcurrency ?? 0, [0, longest], entered, execution);
  const limit = requested === 0 ? mostAtOnce : Math.min(requested, mostAtOnce);
  const verdict = await verdictOf(state, items.length, entered, execution);
  return runConcurrently(execution, { count: items.length, limit, verdict }, async (i, inner) => {
    const context = { ...execution.context, Map: { Item: { Index: i, Value: items[i]! } } };
    const input =
      state.ItemSelector === undefined
        ? items[i]!
        : await evaluate(state.ItemSelector, bindingsOf({ ...inner, context }, entered), 'ItemSelector');
    return runGraph(state.ItemProcessor, input, { ...inner, context, path: `${execution.path}${entered.name}[${i}].` });
  });
}

/** Without a tolerance, the Map fails with the error of its item; with one, with the error for too many failures. */
async function verdictOf(
  state: MapState,
  count: number,
  entered: Entered,
  execution: ExecutionContext,
): Promise<Jobs['verdict']> {
  const { ToleratedFailureCount, ToleratedFailurePercentage } = state;
  if (ToleratedFailureCount === undefined && ToleratedFailurePercentage === undefined) return (failure) => failure;
  const read = (field: string, value: number | string | undefined, most: number) =>
    wholeNumber(field, value ?? most, [0, most], entered, execution);
  const atMost = await read('ToleratedFailureCount', ToleratedFailureCount, longest);
  const percentage = await read('ToleratedFailurePercentage', ToleratedFailurePercentage, 100);
  return (_, failed) => {
    if (failed <= atMost && failed * 100 <= percentage * count) return undefined;
    return new StatesError('States.ExceedToleratedFailureThreshold', `${failed} of ${count} items failed`);
  };
}
