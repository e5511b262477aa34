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

/** Names that `States.ALL` does not stand for: they say that the machine itself is at fault. */
const terminal = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/** Whether an error of this name is one of those that a retrier or catcher lists. */
export function matches(listed: readonly string[], error: string): boolean {
  if (listed.includes(error)) return true;
  if (listed.includes('States.ALL')) return !terminal.has(error);
  return listed.includes('States.TaskFailed') && error !== 'States.Timeout' && !terminal.has(error);
}

/** Anything thrown by a port, as an error with a name. */
export function asStatesError(thrown: unknown): StatesError {
  if (thrown instanceof StatesError) return thrown;
  const { name, message } = thrown as Error;
  return new StatesError('States.TaskFailed', `${name}: ${message}`);
}
