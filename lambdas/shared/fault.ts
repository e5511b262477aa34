import { MillraceError } from '../../lib/errors.ts';

/** What the state machine knows as a fault of the input or of the definition, which is the same the second time. */
class Fault extends Error {
  override readonly name = 'Millrace.Fault';
}

/** Does an action, and turns a user's fault into one that the state machine matches by name. */
export async function faulty<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    throw new Fault(error.message, { cause: error });
  }
}
