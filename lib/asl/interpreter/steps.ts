import type { ChoiceState, Json, MapState, ParallelState, State, TaskState, WaitState } from '../machine.ts';
import { Aborted, asStatesError, StatesError } from './errors.ts';
import { evaluate } from './expressions.ts';
import { runGraph } from './graph.ts';
import { Scope } from './scope.ts';
import { bindingsOf, type Entered, type Setting } from './setting.ts';

/** What a state came to, before its Output and Assign are evaluated. */
export type Step = { kind: 'result'; result: Json } | { kind: 'pass' } | { kind: 'chosen'; rule: number | 'default' };

/** Does the work of one state. Throws StatesError for what Retry and Catch may deal with. */
export async function step(state: State, entered: Entered, setting: Setting): Promise<Step> {
  switch (state.Type) {
    case 'Task':
      return { kind: 'result', result: await runTask(state, entered, setting) };
    case 'Parallel':
      return { kind: 'result', result: await runParallel(state, entered, setting) };
    case 'Map':
      return { kind: 'result', result: await runMap(state, entered, setting) };
    case 'Choice':
      return { kind: 'chosen', rule: await choose(state, entered, setting) };
    case 'Wait':
      await wait(state, entered, setting);
      return { kind: 'pass' };
    case 'Fail': {
      const bindings = bindingsOf(setting, entered);
      const [error, cause] = await Promise.all([
        evaluate(state.Error ?? '', bindings, 'Error'),
        evaluate(state.Cause ?? '', bindings, 'Cause'),
      ]);
      throw new StatesError(String(error), String(cause));
    }
    case 'Pass':
    case 'Succeed':
      return { kind: 'pass' };
    default:
      return state satisfies never;
  }
}

async function runTask(state: TaskState, entered: Entered, setting: Setting): Promise<Json> {
  const bindings = bindingsOf(setting, entered);
  const given = state.Arguments === undefined ? entered.input : await evaluate(state.Arguments, bindings, 'Arguments');
  const timeout =
    state.TimeoutSeconds === undefined
      ? undefined
      : await numberOf(state.TimeoutSeconds, entered, setting, 'TimeoutSeconds');
  return within(timeout, setting, (signal) =>
    setting.ports.invoke({
      resource: state.Resource,
      arguments: given,
      state: entered.name,
      attempt: entered.attempt,
      signal,
    }),
  );
}

/** Runs an action that may take so many seconds; past them its signal is aborted and States.Timeout thrown. */
export async function within<T>(
  seconds: number | undefined,
  setting: Pick<Setting, 'ports' | 'signal'>,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const finished = new AbortController();
  const stop = () => own.abort(new Aborted('stopped'));
  if (setting.signal.aborted) throw new Aborted('stopped');
  setting.signal.addEventListener('abort', stop, { once: true });
  const stopped = new Promise<never>((_, reject) => {
    own.signal.addEventListener('abort', () => reject(own.signal.reason), { once: true });
  });
  stopped.catch(() => undefined);
  if (seconds !== undefined) {
    const late = new StatesError('States.Timeout', `not done within ${seconds} seconds`);
    const timer = setting.ports.clock.sleep(seconds * 1000, finished.signal);
    timer.then(() => finished.signal.aborted || own.abort(late)).catch(() => undefined);
  }
  try {
    return await Promise.race([action(own.signal), stopped]);
  } finally {
    finished.abort(new Aborted('finished'));
    setting.signal.removeEventListener('abort', stop);
  }
}

async function choose(state: ChoiceState, entered: Entered, setting: Setting): Promise<number | 'default'> {
  const bindings = bindingsOf(setting, entered);
  for (const [i, rule] of state.Choices.entries()) {
    const holds = await evaluate(rule.Condition, bindings, `Choices[${i}].Condition`);
    if (typeof holds !== 'boolean') {
      throw new StatesError('States.QueryEvaluationError', `Choices[${i}].Condition is neither true nor false`);
    }
    if (holds) return i;
  }
  if (state.Default !== undefined) return 'default';
  throw new StatesError('States.NoChoiceMatched', `no choice of ${entered.name} matched, and it has no Default`);
}

async function wait(state: WaitState, entered: Entered, setting: Setting): Promise<void> {
  const { clock } = setting.ports;
  let milliseconds: number;
  if (state.Seconds !== undefined) {
    milliseconds = (await numberOf(state.Seconds, entered, setting, 'Seconds')) * 1000;
  } else {
    const text = await evaluate(state.Timestamp ?? '', bindingsOf(setting, entered), 'Timestamp');
    const until = Date.parse(String(text));
    if (Number.isNaN(until)) throw new StatesError('States.QueryEvaluationError', `Timestamp: "${text}" is no time`);
    milliseconds = Math.max(0, until - clock.now().getTime());
  }
  await within(undefined, setting, (signal) => clock.sleep(milliseconds, signal));
}

async function runParallel(state: ParallelState, entered: Entered, setting: Setting): Promise<Json> {
  const bindings = bindingsOf(setting, entered);
  const input = state.Arguments === undefined ? entered.input : await evaluate(state.Arguments, bindings, 'Arguments');
  return together(setting, state.Branches.length, state.Branches.length, (i, inner) =>
    runGraph(state.Branches[i]!, input, { ...inner, path: `${setting.path}${entered.name}[${i}].` }),
  );
}

async function runMap(state: MapState, entered: Entered, setting: Setting): Promise<Json> {
  const bindings = bindingsOf(setting, entered);
  const items = state.Items === undefined ? entered.input : await evaluate(state.Items, bindings, 'Items');
  if (!Array.isArray(items)) throw new StatesError('States.QueryEvaluationError', 'Items is not an array');
  const asked = await numberOf(state.MaxConcurrency ?? 0, entered, setting, 'MaxConcurrency');
  return together(setting, items.length, asked === 0 ? items.length : asked, async (i, inner) => {
    const context = { ...setting.context, Map: { Item: { Index: i, Value: items[i]! } } };
    const input =
      state.ItemSelector === undefined
        ? items[i]!
        : await evaluate(state.ItemSelector, bindingsOf({ ...inner, context }, entered), 'ItemSelector');
    return runGraph(state.ItemProcessor, input, { ...inner, context, path: `${setting.path}${entered.name}[${i}].` });
  });
}

/** Runs `count` jobs, at most `limit` at once, results in order. The first failure stops the others. */
async function together(
  setting: Setting,
  count: number,
  limit: number,
  job: (index: number, inner: Setting) => Promise<Json>,
): Promise<Json[]> {
  const siblings = new AbortController();
  const stop = () => siblings.abort(new Aborted('stopped'));
  if (setting.signal.aborted) throw new Aborted('stopped');
  setting.signal.addEventListener('abort', stop, { once: true });
  const results: Json[] = new Array(count).fill(null);
  let next = 0;
  let failure: unknown;
  const worker = async () => {
    while (next < count && failure === undefined) {
      const index = next++;
      try {
        const inner = { ...setting, scope: new Scope(setting.scope), signal: siblings.signal };
        results[index] = await job(index, inner);
      } catch (error) {
        failure ??= error;
        stop();
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(limit, count) }, worker));
  } finally {
    setting.signal.removeEventListener('abort', stop);
  }
  if (setting.signal.aborted) throw new Aborted('stopped');
  if (failure !== undefined) throw failure instanceof Aborted ? failure : asStatesError(failure);
  return results;
}

async function numberOf(value: number | string, entered: Entered, setting: Setting, field: string): Promise<number> {
  const evaluated = await evaluate(value, bindingsOf(setting, entered), field);
  if (typeof evaluated !== 'number' || !Number.isFinite(evaluated) || evaluated < 0) {
    throw new StatesError('States.QueryEvaluationError', `${field} is not a number of 0 or more`);
  }
  return evaluated;
}
