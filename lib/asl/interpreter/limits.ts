import type { Json } from '../machine.ts';
import { StatesError } from './errors.ts';

/** The most that a state may take in or put out, as on AWS: 256 KiB of JSON in UTF-8. */
const maximumBytes = 256 * 1024;

/** The value itself. Throws States.DataLimitExceeded where it is too large; `what` names it. */
export function limited(value: Json, what: string): Json {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > maximumBytes) {
    throw new StatesError(
      'States.DataLimitExceeded',
      `${what} has ${bytes} bytes, more than ${maximumBytes} (256 KiB)`,
    );
  }
  return value;
}
