import type { Catcher, Graph, Json, Retrier, State } from '../machine.ts';
import { bindingsOf, type Entered, type ExecutionContext, emitEvent } from './context.ts';
import { Aborted, asStatesError, matches, StatesError } from './errors.ts';
import { evaluate, limited } from './expressions.ts';
import { type Step, step } from './steps.ts';
import { withTimeout } from './timeout.ts';

/** Step Functions ends an execution after 25,000 events, and each state has at least two. An endless loop must end here too. */
const mostStates = 12_500;

interface Left {
  output: Json;
  /** Absent if the graph ends here. */
  next: string | undefined;
}

/** Runs states from StartAt until one ends the graph; returns the last output. Throws StatesError or Aborted. */
export async function runGraph(graph: Graph, input: Json, execution: ExecutionContext): Promise<Json> {
  let name = graph.StartAt;
  let current = input;
  for (;;) {
    if (execution.signal.aborted) throw new Aborted('stopped');
    const state = graph.States[name];
    if (state === undefined) throw new StatesError('States.Runtime', `there is no state "${name}"`);
    if (execution.trail.length >= mostStates) {
      throw new StatesError('States.Runtime', `more than ${mostStates} states: over 25,000 events on Step Functions`);
    }
    execution.trail.push(execution.path + name);
    const entered = { name, input: current, enteredTime: execution.ports.clock.now().toISOString(), attempt: 0 };
    emitEvent(execution, entered, { type: 'entered', input: current });
    const left = await runState(state, entered, execution);
    if (left.next === undefined) return left.output;
    name = left.next;
    current = left.output;
  }
}

/** Runs one state with its retries and catches. */
async function runState(state: State, first: Entered, execution: ExecutionContext): Promise<Left> {
  const retriers: readonly Retrier[] = 'Retry' in state ? (state.Retry ?? []) : [];
  const catchers: readonly Catcher[] = 'Catch' in state ? (state.Catch ?? []) : [];
  const used: number[] = [];
  for (let attempt = 0; ; attempt++) {
    const entered = { ...first, attempt };
    try {
      const left = await leave(state, await step(state, entered, execution), entered, execution);
      emitEvent(execution, entered, { type: 'exited', output: left.output });
      return left;
    } catch (thrown) {
      if (thrown instanceof Aborted) throw thrown;
      const failure = asStatesError(thrown);
      const delay = nextDelay(retriers, used, failure.error, execution.ports.random);
      if (delay === undefined) return leaveFailed(catchers, failure, entered, execution);
      emitEvent(execution, entered, { type: 'retried', error: failure.error, delaySeconds: delay });
      await withTimeout(undefined, execution, (signal) => execution.ports.clock.sleep(delay * 1000, signal));
    }
  }
}

/** Leaves through the first catcher that lists the failure; rethrows it if none does. */
async function leaveFailed(
  catchers: readonly Catcher[],
  failure: StatesError,
  entered: Entered,
  execution: ExecutionContext,
): Promise<Left> {
  const catcher = catchers.find((candidate) => matches(candidate.ErrorEquals, failure.error));
  if (catcher === undefined) throw reported(failure, entered, execution);
  emitEvent(execution, entered, { type: 'caught', error: failure.error, next: catcher.Next });
  const errorOutput = { Error: failure.error, Cause: failure.cause };
  try {
    const output = await settle(catcher, { errorOutput }, errorOutput, entered, execution);
    emitEvent(execution, entered, { type: 'exited', output });
    return { output, next: catcher.Next };
  } catch (thrown) {
    // A failing catcher is not caught again: the whole graph fails.
    throw reported(asStatesError(thrown), entered, execution);
  }
}

function reported(failure: StatesError, entered: Entered, execution: ExecutionContext): StatesError {
  emitEvent(execution, entered, { type: 'failed', error: failure.error, cause: failure.cause });
  return failure;
}

/** Evaluates Output and Assign of the state, and returns its next state. */
async function leave(state: State, done: Step, entered: Entered, execution: ExecutionContext): Promise<Left> {
  switch (done.kind) {
    case 'result': {
      limited(done.result, 'the result');
      const output = await settle(state, { result: done.result }, done.result, entered, execution);
      return { output, next: nextOf(state) };
    }
    case 'chosen': {
      if (state.Type !== 'Choice') throw new StatesError('States.Runtime', 'only a Choice chooses');
      const chosen = done.rule === 'default' ? state : state.Choices[done.rule]!;
      const output = await settle(chosen, {}, entered.input, entered, execution);
      return { output, next: done.rule === 'default' ? state.Default : state.Choices[done.rule]!.Next };
    }
    case 'pass':
      return { output: await settle(state, {}, entered.input, entered, execution), next: nextOf(state) };
    default:
      return done satisfies never;
  }
}

type Settling = Pick<Catcher, 'Assign' | 'Output'>;

/** Output and Assign both see the old variables; new values are visible from the next state on. */
async function settle(
  from: Settling | State,
  extra: { [key: string]: Json },
  fallback: Json,
  entered: Entered,
  execution: ExecutionContext,
): Promise<Json> {
  const { Assign, Output } = from as Settling;
  const bindings = bindingsOf(execution, entered, extra);
  const assigned = limited(await evaluate(Assign ?? {}, bindings, 'Assign'), 'Assign') as Record<string, Json>;
  const output = limited(Output === undefined ? fallback : await evaluate(Output, bindings, 'Output'), 'the output');
  const taken = Object.keys(assigned).find((name) => execution.scope.outerHas(name));
  if (taken !== undefined) {
    throw new StatesError('States.Runtime', `"${taken}" belongs to an outer scope and cannot be assigned here`);
  }
  execution.scope.assign(assigned);
  return output;
}

function nextOf(state: State): string | undefined {
  return 'Next' in state ? state.Next : undefined;
}

/** Seconds to wait before the next attempt, or undefined if no retrier has attempts left. Each retrier counts separately. */
function nextDelay(
  retriers: readonly Retrier[],
  used: number[],
  error: string,
  random: () => number,
): number | undefined {
  const index = retriers.findIndex((retrier) => matches(retrier.ErrorEquals, error));
  const retrier = retriers[index];
  if (retrier === undefined) return undefined;
  const tries = used[index] ?? 0;
  if (tries >= (retrier.MaxAttempts ?? 3)) return undefined;
  used[index] = tries + 1;
  const backoff = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** tries;
  const delay = Math.min(backoff, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return retrier.JitterStrategy === 'FULL' ? random() * delay : delay;
}
