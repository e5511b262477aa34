import { MillraceError } from '../errors.ts';

/**
 * The objects of a lake by the keys of `layout`: files below its root on a laptop, objects of its bucket in the cloud. Both pass the
 * tests of `test/lake/objects-suite.ts`.
 */
export interface Objects {
  /** Where the object is, for messages and for the engine: a path or an `s3://` URI. */
  location(key: string): string;
  /** Undefined if there is no such object. Throws UnreadableObject if there may be one that cannot be read. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** Readers see the old or the new content, never a part. */
  write(key: string, content: string | Uint8Array): Promise<void>;
  /** Does nothing if there is no such object. */
  remove(key: string): Promise<void>;
  /** Names directly below a folder, whose key ends in a slash: sorted, names of folders with a slash at their end. Empty if there is none. */
  list(folder: string): Promise<string[]>;
}

/** Something is in the object's place but is not readable, such as a folder, or access is denied. The message says what. */
export class UnreadableObject extends MillraceError {}

export async function readText(objects: Objects, key: string): Promise<string | undefined> {
  const bytes = await objects.read(key);
  return bytes && Buffer.from(bytes).toString('utf8');
}

/** Names of the folders directly below a folder, without a slash. */
export const listFolders = async (objects: Objects, folder: string): Promise<string[]> =>
  (await objects.list(folder)).filter((name) => name.endsWith('/')).map((name) => name.slice(0, -1));
