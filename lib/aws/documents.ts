import { type Issue, MillraceError } from '../errors.ts';
import { getObject, type Place, uriOf } from './s3.ts';

/** What a document of ours is called, and what to do where it is not as we write it. */
export interface Kind<T> {
  code: string;
  /** As `the plan`. */
  name: string;
  hint: string;
  parse(json: unknown): T;
}

/** The document at a place, undefined where there is none. Throws the kind's code for bytes that are not such a document. */
export async function document<T>(place: Place, kind: Kind<T>): Promise<T | undefined> {
  const bytes = await getObject(place).catch((error: Error) => {
    // What may not be listed and is not there, S3 tells as one that may not be read.
    if (error.name === 'AccessDenied') throw unreadable(place, kind, 'is not there, or may not be read');
    if (error.name === 'NoSuchBucket') return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  try {
    return kind.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    throw unreadable(place, kind, 'is not one that this version of Millrace writes');
  }
}

/** The document at a place. Throws the kind's code also where there is none. */
export async function existing<T>(place: Place, kind: Kind<T>): Promise<T> {
  const found = await document(place, kind);
  if (found === undefined) throw unreadable(place, kind, 'is not there');
  return found;
}

function unreadable(place: Place, { code, name, hint }: Omit<Kind<unknown>, 'parse'>, how: string): MillraceError {
  const issue: Issue = { code, path: uriOf(place), message: `${name} ${how}`, hint };
  return new MillraceError([issue]);
}
