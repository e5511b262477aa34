import { type Issue, MillraceError } from '../../lib/errors.ts';

/** What the state machine knows as a fault of the input or of the definition, which is the same the second time. */
class Fault extends Error {
  override readonly name = 'Millrace.Fault';
  constructor(message: string, options: ErrorOptions) {
    super(message, options);
    // A service puts the trace into what a user reads.
    this.stack = `${this.name}: ${message}`;
  }
}

/** A cause of Step Functions ends at 32,768 characters and a payload at 262,144 bytes; ten faults are enough to begin with. */
const mostIssues = 10;
const mostCharacters = 1000;

/** Does an action, and turns a user's fault into one that the state machine matches by name, with what to do about it. */
export async function faulty<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    throw new Fault(causeOf(error.issues), { cause: error });
  }
}

function causeOf(issues: readonly Issue[]): string {
  const told = issues.slice(0, mostIssues).map(({ code, path, message, hint }) => {
    const text = `${code} ${message} (${path})`;
    return clip(text) + (hint === undefined ? '' : `; try: ${clip(hint)}`);
  });
  const more = issues.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

const clip = (text: string) => (text.length > mostCharacters ? `${text.slice(0, mostCharacters)}...` : text);
