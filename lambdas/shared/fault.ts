import { lineOf } from '../../lib/documents/issue-line.ts';
import { MillraceError } from '../../lib/errors.ts';

/** An error in the input or the definition. The state machine does not retry it, because it would fail again. */
class Fault extends Error {
  override readonly name = 'Millrace.Fault';
  constructor(message: string, options: ErrorOptions) {
    super(message, options);
    // The service adds the stack trace to the message and truncates both together.
    this.stack = this.name;
  }
}

/** A Step Functions cause is limited to 32,768 characters, and each quote takes two. */
const mostCharacters = 20_000;

/** Runs an action and turns a user's error into a `Fault`, which the state machine matches by name; its message is the issues as one JSON line. */
export async function asMachineFault<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    throw new Fault(lineOf(error.issues, mostCharacters), { cause: error });
  }
}
