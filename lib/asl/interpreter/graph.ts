import type { Catcher, Graph, Json, Retrier, State } from '../machine.ts';
import { Aborted, asStatesError, matches, StatesError } from './errors.ts';
import { evaluate } from './expressions.ts';
import { nextDelay } from './retry.ts';
import { bindingsOf, type Entered, type Setting, tell } from './setting.ts';
import { type Step, step, within } from './steps.ts';

/** The most that a state may put out, as on AWS: 256 KiB of JSON. */
const maximumBytes = 256 * 1024;

interface Left {
  output: Json;
  /** Absent where the graph ends here. */
  next: string | undefined;
}

/** Runs states from StartAt until one ends the graph; returns the last output. Throws StatesError or Aborted. */
export async function runGraph(graph: Graph, input: Json, setting: Setting): Promise<Json> {
  let name = graph.StartAt;
  let current = input;
  for (;;) {
    if (setting.signal.aborted) throw new Aborted('stopped');
    const state = graph.States[name];
    if (state === undefined) throw new StatesError('States.Runtime', `there is no state "${name}"`);
    setting.trail.push(setting.path + name);
    tell(setting, name, { type: 'entered', input: current });
    const enteredTime = setting.ports.clock.now().toISOString();
    const left = await runState(state, { name, input: current, enteredTime, attempt: 0 }, setting);
    tell(setting, name, { type: 'exited', output: left.output });
    if (left.next === undefined) return left.output;
    name = left.next;
    current = left.output;
  }
}

/** One state with its retries and catches. */
async function runState(state: State, first: Entered, setting: Setting): Promise<Left> {
  const retriers: readonly Retrier[] = 'Retry' in state ? (state.Retry ?? []) : [];
  const catchers: readonly Catcher[] = 'Catch' in state ? (state.Catch ?? []) : [];
  const used: number[] = [];
  for (let attempt = 0; ; attempt++) {
    const entered = { ...first, attempt };
    try {
      return await leave(state, await step(state, entered, setting), entered, setting);
    } catch (thrown) {
      if (thrown instanceof Aborted) throw thrown;
      const failure = asStatesError(thrown);
      const delay = nextDelay(retriers, used, failure.error, setting.ports.random);
      if (delay !== undefined) {
        tell(setting, first.name, { type: 'retried', attempt, error: failure.error, delaySeconds: delay });
        await within(undefined, setting, (signal) => setting.ports.clock.sleep(delay * 1000, signal));
        continue;
      }
      const catcher = catchers.find((candidate) => matches(candidate.ErrorEquals, failure.error));
      if (catcher === undefined) {
        tell(setting, first.name, { type: 'failed', error: failure.error, cause: failure.cause });
        throw failure;
      }
      tell(setting, first.name, { type: 'caught', error: failure.error, next: catcher.Next });
      const errorOutput = { Error: failure.error, Cause: failure.cause };
      const output = await settle(catcher, { errorOutput }, errorOutput, entered, setting);
      return { output, next: catcher.Next };
    }
  }
}

/** Output and Assign of the state that was run, and where it leads. */
async function leave(state: State, done: Step, entered: Entered, setting: Setting): Promise<Left> {
  switch (done.kind) {
    case 'result': {
      limited(done.result);
      const output = await settle(state, { result: done.result }, done.result, entered, setting);
      return { output, next: nextOf(state) };
    }
    case 'chosen': {
      if (state.Type !== 'Choice') throw new StatesError('States.Runtime', 'only a Choice chooses');
      const chosen = done.rule === 'default' ? state : state.Choices[done.rule]!;
      const output = await settle(chosen, {}, entered.input, entered, setting);
      return { output, next: done.rule === 'default' ? state.Default : state.Choices[done.rule]!.Next };
    }
    case 'pass':
      return { output: await settle(state, {}, entered.input, entered, setting), next: nextOf(state) };
    default:
      return done satisfies never;
  }
}

type Settling = Pick<Catcher, 'Assign' | 'Output'>;

/** Output and Assign see the same, old variables; new values are there from the next state on. */
async function settle(
  from: Settling | State,
  extra: { [key: string]: Json },
  fallback: Json,
  entered: Entered,
  setting: Setting,
): Promise<Json> {
  const { Assign, Output } = from as Settling;
  const bindings = bindingsOf(setting, entered, extra);
  const [assigned, output] = await Promise.all([
    Assign === undefined ? {} : evaluate(Assign, bindings, 'Assign'),
    Output === undefined ? fallback : evaluate(Output, bindings, 'Output'),
  ]);
  const names = Object.keys(assigned as object);
  const taken = names.find((name) => setting.scope.outerHas(name));
  if (taken !== undefined) {
    throw new StatesError('States.Runtime', `"${taken}" belongs to an outer scope and cannot be assigned here`);
  }
  limited(output);
  setting.scope.assign(assigned as Record<string, Json>);
  return output;
}

function limited(value: Json): void {
  if (Buffer.byteLength(JSON.stringify(value)) > maximumBytes) {
    throw new StatesError('States.DataLimitExceeded', 'the output of a state is larger than 256 KiB');
  }
}

function nextOf(state: State): string | undefined {
  return 'Next' in state ? state.Next : undefined;
}
