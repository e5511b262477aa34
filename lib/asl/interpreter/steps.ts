import type { ChoiceState, FailState, Json, ParallelState, State, TaskState, WaitState } from '../machine.ts';
import { together } from './concurrent.ts';
import { bindingsOf, contextOf, type Entered, type Setting } from './context.ts';
import { queryError, StatesError } from './errors.ts';
import { evaluate } from './expressions.ts';
import { runGraph } from './graph.ts';
import { limited } from './limits.ts';
import { runMap } from './map.ts';
import { longest, wholeNumber } from './numbers.ts';
import { timeOf } from './timestamp.ts';
import { within } from './within.ts';

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
    case 'Fail':
      throw await failureOf(state, entered, setting);
    case 'Pass':
    case 'Succeed':
      return { kind: 'pass' };
    default:
      return state satisfies never;
  }
}

/** HeartbeatSeconds is not kept: heartbeats come by task token or activity, and no resource of a local run has either. */
async function runTask(state: TaskState, entered: Entered, setting: Setting): Promise<Json> {
  const given = await argumentsOf(state, entered, setting);
  const timeout =
    state.TimeoutSeconds === undefined
      ? undefined
      : await wholeNumber('TimeoutSeconds', state.TimeoutSeconds, [1, longest], entered, setting);
  return within(timeout, setting, (signal) =>
    setting.ports.invoke({
      resource: state.Resource,
      arguments: given,
      state: entered.name,
      attempt: entered.attempt,
      signal,
      context: contextOf(setting, entered),
    }),
  );
}

async function runParallel(state: ParallelState, entered: Entered, setting: Setting): Promise<Json> {
  const input = await argumentsOf(state, entered, setting);
  const count = state.Branches.length;
  return together(setting, { count, limit: count, verdict: (failure) => failure }, (i, inner) =>
    runGraph(state.Branches[i]!, input, { ...inner, path: `${setting.path}${entered.name}[${i}].` }),
  );
}

async function argumentsOf(state: TaskState | ParallelState, entered: Entered, setting: Setting): Promise<Json> {
  if (state.Arguments === undefined) return entered.input;
  return limited(await evaluate(state.Arguments, bindingsOf(setting, entered), 'Arguments'), 'Arguments');
}

async function choose(state: ChoiceState, entered: Entered, setting: Setting): Promise<number | 'default'> {
  const bindings = bindingsOf(setting, entered);
  for (const [i, rule] of state.Choices.entries()) {
    const field = `Choices[${i}].Condition`;
    const holds = await evaluate(rule.Condition, bindings, field);
    if (typeof holds !== 'boolean') throw queryError(field, `${JSON.stringify(holds)} is neither true nor false`);
    if (holds) return i;
  }
  if (state.Default !== undefined) return 'default';
  throw new StatesError('States.NoChoiceMatched', `no choice of ${entered.name} matched, and it has no Default`);
}

async function wait(state: WaitState, entered: Entered, setting: Setting): Promise<void> {
  const { clock } = setting.ports;
  let milliseconds: number;
  if (state.Seconds !== undefined) {
    milliseconds = (await wholeNumber('Seconds', state.Seconds, [0, longest], entered, setting)) * 1000;
  } else {
    const text = await evaluate(state.Timestamp ?? '', bindingsOf(setting, entered), 'Timestamp');
    const until = timeOf(text);
    if (until === undefined) throw queryError('Timestamp', `${JSON.stringify(text)} is not a time by RFC 3339`);
    milliseconds = Math.max(0, until - clock.now().getTime());
  }
  await within(undefined, setting, (signal) => clock.sleep(milliseconds, signal));
}

async function failureOf(state: FailState, entered: Entered, setting: Setting): Promise<StatesError> {
  const bindings = bindingsOf(setting, entered);
  const texts: string[] = [];
  for (const field of ['Error', 'Cause'] as const) {
    const text = await evaluate(state[field] ?? '', bindings, field);
    if (typeof text !== 'string') throw queryError(field, `${JSON.stringify(text)} is not a text`);
    texts.push(text);
  }
  return new StatesError(texts[0]!, texts[1]!);
}
