import type { Json, Machine } from '../machine.ts';
import type { ExecutionContext } from './context.ts';
import { Scope } from './context.ts';
import { Aborted, asStatesError } from './errors.ts';
import { limited } from './expressions.ts';
import { runGraph } from './graph.ts';
import type { Execution, ExecutionOptions, Ports } from './ports.ts';
import { withTimeout } from './timeout.ts';

export { StatesError } from './errors.ts';
export type { Execution, Ports, ResourceCall, StateEvent } from './ports.ts';
export { validateMachine } from './validation/validate.ts';

/**
 * Executes a machine like Step Functions, in JSONata mode. Never throws for a failing machine: a failure is an outcome.
 * Source: the Amazon States Language specification and the Step Functions developer guide.
 */
export async function execute(
  machine: Machine,
  input: Json,
  ports: Ports,
  options: ExecutionOptions = {},
): Promise<Execution> {
  const name = options.name ?? 'execution';
  const startTime = options.startTime ?? ports.clock.now();
  const scope = new Scope();
  const signal = options.signal ?? new AbortController().signal;
  const execution: ExecutionContext = {
    ports,
    scope,
    signal,
    path: '',
    trail: [],
    context: {
      Execution: { Id: name, Name: name, Input: input, StartTime: startTime.toISOString() },
      StateMachine: { Id: machine.Comment ?? name, Name: machine.Comment ?? name },
    },
  };
  const soFar = () => ({ trail: execution.trail, variables: scope.all() });
  try {
    const output = await withTimeout(machine.TimeoutSeconds, execution, (inner) =>
      runGraph(machine, limited(input, 'the input'), { ...execution, signal: inner }),
    );
    return { status: 'SUCCEEDED', output, ...soFar() };
  } catch (thrown) {
    if (thrown instanceof Aborted) return { status: 'ABORTED', ...soFar() };
    const failure = asStatesError(thrown);
    return { status: 'FAILED', error: failure.error, cause: failure.cause, ...soFar() };
  }
}
