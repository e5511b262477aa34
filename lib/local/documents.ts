import { constants } from 'node:fs';
import { open, rename, rm, truncate } from 'node:fs/promises';
import { type Issue, MillraceError } from '../errors.ts';
import { systemFault } from './system-faults.ts';

/** A kind of document that this program writes: its error code and name, and what to do if one cannot be read. */
export interface Kind<T> {
  code: string;
  /** For example `the state of the pipeline`. */
  name: string;
  hint: string;
  /** Throws for an invalid document. */
  parse(json: unknown): T;
}

/** The document in a file; undefined if there is none. Throws the kind's code for a damaged file. */
export async function readDocument<T>(file: string, kind: Kind<T>): Promise<T | undefined> {
  const text = await readText(file).catch((error: unknown) => {
    throw new MillraceError([unreadable(file, kind, error)]);
  });
  if (text === undefined) return undefined;
  try {
    return kind.parse(JSON.parse(text));
  } catch (error) {
    throw new MillraceError([unreadable(file, kind, error)]);
  }
}

/** A cached document; undefined if it is missing or damaged: the caller rebuilds it silently. */
export async function readCache<T>(file: string, parse: (json: unknown) => T): Promise<T | undefined> {
  try {
    const text = await readText(file);
    return text === undefined ? undefined : parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export interface Log<T> {
  entries: T[];
  /** Bytes of complete lines; the rest is an incomplete line of a killed process. */
  whole: number;
  /** The incomplete last line. */
  torn?: string;
}

/** The entries of a log of JSON lines, oldest first. Ignores an incomplete last line; throws the kind's code for any other damaged line. */
export async function readLog<T>(file: string, kind: Kind<T>): Promise<Log<T>> {
  const text = await readText(file).catch((error: unknown) => {
    throw new MillraceError([unreadable(file, kind, error)]);
  });
  const lines = (text ?? '').split('\n');
  const entries: T[] = [];
  let whole = 0;
  for (const [i, line] of lines.entries()) {
    const ended = i < lines.length - 1;
    const entry = line.trim() === '' ? undefined : parsed(line, kind);
    if (entry instanceof Error) {
      if (!ended && line.startsWith('{')) return { entries, whole, torn: line };
      throw new MillraceError([unreadable(`${file}:${i + 1}`, kind, entry)]);
    }
    if (entry !== undefined) entries.push(entry.value);
    whole += Buffer.byteLength(line) + (ended ? 1 : 0);
  }
  return { entries, whole };
}

/** Appends an entry as a line; first removes an incomplete last line, which a killed process left. */
export async function appendToLog(file: string, entry: unknown, kind: Kind<unknown>): Promise<void> {
  const { whole, torn } = await readLog(file, kind);
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

let written = 0;

/** Writes a file atomically: readers see the old or the new content, never a part, even after a power loss. */
export async function writeWhole(file: string, text: string): Promise<void> {
  written += 1;
  const beside = `${file}.${process.pid}-${written}.tmp`;
  try {
    const handle = await open(beside, 'w');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** The text of a regular file; undefined if there is none. A pipe or device is an error, because reading it could block. */
export async function readText(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) throw new Error('it is not a file');
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parsed<T>(line: string, kind: Kind<T>): { value: T } | Error {
  try {
    return { value: kind.parse(JSON.parse(line)) };
  } catch (error) {
    return error as Error;
  }
}

function unreadable(file: string, { code, name, hint }: Omit<Kind<unknown>, 'parse'>, error: unknown): Issue {
  const system = systemFault(error)?.issues[0];
  if (system !== undefined && system.code !== 'MR525') return system;
  const why =
    error instanceof SyntaxError ? 'it is not valid JSON' : 'it does not have the form of this version of Millrace';
  return { code, path: file, message: `${name} cannot be read: ${system === undefined ? why : system.message}`, hint };
}
