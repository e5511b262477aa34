/** A failure with the name that Retry and Catch match. */
export class StatesError extends Error {
  override readonly name = 'StatesError';
  constructor(
    readonly error: string,
    override readonly cause: string,
  ) {
    super(`${error}: ${cause}`);
  }
}

/** The execution was stopped, by its caller or by a sibling that failed; nothing catches this. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
}

/** Names that no wildcard stands for: they say that the machine itself is at fault. */
const terminal = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/** Whether an error of this name is one of those that a retrier or catcher lists. */
export function matches(listed: readonly string[], error: string): boolean {
  // Step Functions always fails the execution for this one; the other terminal name can be caught, but by name only.
  if (error === 'States.Runtime') return false;
  if (listed.includes(error)) return true;
  if (terminal.has(error)) return false;
  return listed.includes('States.ALL') || (listed.includes('States.TaskFailed') && error !== 'States.Timeout');
}

/** Anything thrown by a port, as an error with a name. */
export function asStatesError(thrown: unknown): StatesError {
  if (thrown instanceof StatesError) return thrown;
  const cause = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new StatesError('States.TaskFailed', cause);
}

/** The failure of an expression, or of a value that is not of the kind its field takes. */
export function queryError(field: string, what: string): StatesError {
  return new StatesError('States.QueryEvaluationError', `${field}: ${what}`);
}
