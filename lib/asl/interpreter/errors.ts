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

/** The execution was stopped, by its caller or by a failed sibling; nothing catches this. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
}

/** Error names that no wildcard matches, because the machine itself is wrong. */
const terminal = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/** Whether a retrier or catcher lists this error name. */
export function matches(listed: readonly string[], error: string): boolean {
  // Step Functions always fails the execution for this one; the other terminal name can only be caught by name.
  if (error === 'States.Runtime') return false;
  if (listed.includes(error)) return true;
  if (terminal.has(error)) return false;
  return listed.includes('States.ALL') || (listed.includes('States.TaskFailed') && error !== 'States.Timeout');
}

/** Converts anything that a port throws into an error with a name. */
export function asStatesError(thrown: unknown): StatesError {
  if (thrown instanceof StatesError) return thrown;
  const cause = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new StatesError('States.TaskFailed', cause);
}

/** The failure of an expression, or of a value of the wrong kind for its field. */
export function queryError(field: string, what: string): StatesError {
  return new StatesError('States.QueryEvaluationError', `${field}: ${what}`);
}
