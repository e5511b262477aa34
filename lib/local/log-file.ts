import { open, truncate } from 'node:fs/promises';
import { cannotBeRead, type DocumentKind } from '../lake/documents.ts';
import { type Objects, readText, UnreadableObject } from '../lake/objects.ts';

export interface Log<T> {
  entries: T[];
  /** Bytes of complete lines; the rest is an incomplete line of a killed process. */
  whole: number;
  /** The incomplete last line. */
  torn?: string;
}

/** The entries of a log of JSON lines, oldest first. Ignores an incomplete last line; throws the kind's code for any other damaged line. */
export async function readLog<T>(objects: Objects, key: string, kind: DocumentKind<T>): Promise<Log<T>> {
  const file = objects.location(key);
  const text = await readText(objects, key).catch((error: unknown) => {
    throw error instanceof UnreadableObject ? cannotBeRead(file, kind, error) : error;
  });
  const lines = (text ?? '').split('\n');
  const entries: T[] = [];
  let whole = 0;
  for (const [i, line] of lines.entries()) {
    const ended = i < lines.length - 1;
    const entry = line.trim() === '' ? undefined : parsed(line, kind);
    if (entry instanceof Error) {
      if (!ended && line.startsWith('{')) return { entries, whole, torn: line };
      throw cannotBeRead(`${file}:${i + 1}`, kind, entry);
    }
    if (entry !== undefined) entries.push(entry.value);
    whole += Buffer.byteLength(line) + (ended ? 1 : 0);
  }
  return { entries, whole };
}

/** Appends an entry as a line; first removes an incomplete last line, which a killed process left. */
export async function appendToLog(
  objects: Objects,
  key: string,
  entry: unknown,
  kind: DocumentKind<unknown>,
): Promise<void> {
  const { whole, torn } = await readLog(objects, key, kind);
  const file = objects.location(key);
  if (torn !== undefined) await truncate(file, whole);
  const handle = await open(file, 'a+');
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    const line = `${JSON.stringify(entry)}\n`;
    await handle.appendFile(size > 0 && last.toString() !== '\n' ? `\n${line}` : line);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parsed<T>(line: string, kind: DocumentKind<T>): { value: T } | Error {
  try {
    return { value: kind.parse(JSON.parse(line)) };
  } catch (error) {
    return error as Error;
  }
}
