import { type Issue, MillraceError } from '../errors.ts';
import { getObject, type Place, uriOf } from './s3.ts';

/** The name of a kind of document, and what to do if one is missing or damaged. */
export interface Kind<T> {
  code: string;
  /** For example `the plan`. */
  name: string;
  hint: string;
  parse(json: unknown): T;
}

/** The document at a place, or undefined. Throws the kind's code if it is not a valid document. */
export async function document<T>(place: Place, kind: Kind<T>): Promise<T | undefined> {
  const bytes = await getObject(place).catch((error: Error) => {
    // Without permission to list, S3 reports a missing object as access denied.
    if (error.name === 'AccessDenied') throw unreadable(place, kind, 'is missing or cannot be read');
    if (error.name === 'NoSuchBucket') return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  try {
    return kind.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    throw unreadable(place, kind, 'does not have the form of this version of Millrace');
  }
}

/** The document at a place. Throws the kind's code if it is missing, too. */
export async function existing<T>(place: Place, kind: Kind<T>): Promise<T> {
  const found = await document(place, kind);
  if (found === undefined) throw unreadable(place, kind, 'is missing');
  return found;
}

function unreadable(place: Place, { code, name, hint }: Omit<Kind<unknown>, 'parse'>, how: string): MillraceError {
  const issue: Issue = { code, path: uriOf(place), message: `${name} ${how}`, hint };
  return new MillraceError([issue]);
}
