import { lineOf } from '../../lib/documents/issue-line.ts';
import { MillraceError } from '../../lib/errors.ts';

/** What the state machine knows as a fault of the input or of the definition, which is the same the second time. */
class Fault extends Error {
  override readonly name = 'Millrace.Fault';
  constructor(message: string, options: ErrorOptions) {
    super(message, options);
    // A service puts the trace beside the message, and cuts both together.
    this.stack = this.name;
  }
}

/** A cause of Step Functions ends at 32,768 characters, in which each quote of the line takes two. */
const mostCharacters = 20_000;

/** Does an action, and turns a user's fault into one that the state machine matches by name, whose message is its issues as a line. */
export async function faulty<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    throw new Fault(lineOf(error.issues, mostCharacters), { cause: error });
  }
}
