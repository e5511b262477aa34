import { MillraceError } from '../errors.ts';
import { type Objects, readText, UnreadableObject } from './objects.ts';

/** A kind of document: the error code if one is missing or damaged, its name, and what to do then. */
export interface DocumentKind<T> {
  code: string;
  /** For example `the plan`. */
  name: string;
  hint: string;
  /** Throws for an invalid document. */
  parse(json: unknown): T;
}

/** The document under a key; undefined if there is none. Throws the kind's code if it is damaged or unreadable. */
export async function readDocument<T>(objects: Objects, key: string, kind: DocumentKind<T>): Promise<T | undefined> {
  const text = await readText(objects, key).catch((error: unknown) => {
    throw error instanceof UnreadableObject ? cannotBeRead(objects.location(key), kind, error) : error;
  });
  if (text === undefined) return undefined;
  try {
    return kind.parse(JSON.parse(text));
  } catch (error) {
    throw cannotBeRead(objects.location(key), kind, error);
  }
}

/** The document under a key. Throws the kind's code if it is missing, too. */
export async function existingDocument<T>(objects: Objects, key: string, kind: DocumentKind<T>): Promise<T> {
  const found = await readDocument(objects, key, kind);
  if (found !== undefined) return found;
  const { code, name, hint } = kind;
  throw new MillraceError([{ code, path: objects.location(key), message: `${name} is missing`, hint }]);
}

/** A cached document; undefined if it is missing or damaged: the caller rebuilds it silently. */
export async function readCache<T>(objects: Objects, key: string, parse: (json: unknown) => T): Promise<T | undefined> {
  try {
    const text = await readText(objects, key);
    return text === undefined ? undefined : parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The error for a document that is there but cannot be used. */
export function cannotBeRead(
  path: string,
  { code, name, hint }: Omit<DocumentKind<unknown>, 'parse'>,
  error: unknown,
): MillraceError {
  const why =
    error instanceof UnreadableObject
      ? error.issues[0]!.message
      : error instanceof SyntaxError
        ? 'it is not valid JSON'
        : 'it does not have the form of this version of Millrace';
  return new MillraceError([{ code, path, message: `${name} cannot be read: ${why}`, hint }]);
}
