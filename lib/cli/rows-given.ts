import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { MillraceError } from '../errors.ts';
import { counted } from '../words.ts';
import { duplicateKey } from './duplicate-key.ts';

/** Rows from a file or stdin: JSON lines, one object or an array of objects. */

type Row = Record<string, unknown>;

/** Maximum bytes to read: some hundred thousand rows, and far less than the memory of a laptop. */
const mostBytes = 32 * 1024 * 1024;
const mostRows = 100_000;
/** Characters of a row in JSON lines. */
const mostInRow = 1024 * 1024;

/** Throws MR206 if the file cannot be read, MR136 if it does not contain rows, MR138 if it contains too many. */
export async function rowsGiven(file: string): Promise<Row[]> {
  const content = await textOf(file);
  const rows = content.trimStart().startsWith('[') ? parsed(content, file) : lines(content, file);
  if (!Array.isArray(rows) || !rows.every(isRow)) throw noRows(file, '');
  if (rows.length > mostRows) throw tooMuch(file, counted(rows.length, 'row'), counted(mostRows, 'row'));
  return rows;
}

function lines(content: string, file: string): unknown[] {
  const written = content
    .split('\n')
    .map((line, i) => ({ line, where: `${file}:${i + 1}` }))
    .filter(({ line }) => line.trim() !== '');
  try {
    // One object over several lines, as people write it.
    if (written.length > 1 && written[0]!.line.trim() === '{') return [strictly(content)];
  } catch (error) {
    // Not one object: try JSON lines; the code below names a bad line.
    if (!(error instanceof SyntaxError)) throw noRows(file, reason(error));
  }
  return written.map(({ line, where }) => {
    if (line.length > mostInRow) throw tooMuch(where, 'a row of more than 1 MiB', '1 MiB a row');
    return parsed(line, where);
  });
}

function parsed(text: string, where: string): unknown {
  try {
    return strictly(text);
  } catch (error) {
    throw noRows(where, reason(error));
  }
}

const reason = (error: unknown) => `: ${(error as Error).message.slice(0, 120)}`;

/** Throws a SyntaxError for text that is not JSON, a RangeError for a value that JavaScript would change. */
function strictly(text: string): unknown {
  const value = JSON.parse(text, withinRange) as unknown;
  const key = duplicateKey(text);
  if (key !== undefined) throw new RangeError(`duplicate key ${JSON.stringify(key)}`);
  return value;
}

/** JavaScript parses 1e400 as infinity, and the model would score that. */
function withinRange(name: string, value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
    throw new RangeError(`${name} is a number outside the range of a double`);
  return value;
}

const isRow = (row: unknown): row is Row => row !== null && typeof row === 'object' && !Array.isArray(row);

async function textOf(file: string): Promise<string> {
  const stream: Readable = file === '-' ? process.stdin : createReadStream(file);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) break;
      chunks.push(chunk);
    }
  } catch {
    const issue = { code: 'MR206', path: file, message: 'the file cannot be read', hint: 'check the path' };
    throw new MillraceError([issue], 2);
  }
  if (bytes > mostBytes) throw tooMuch(file, 'more than 32 MiB', '32 MiB');
  return decoded(Buffer.concat(chunks), file);
}

/** UTF-8, or UTF-16 after its byte order mark. An invalid byte is an error, because the row would be scored with other text. */
function decoded(content: Buffer, file: string): string {
  const mark = content.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(content);
  } catch {
    const lines = encoding === 'utf-8' ? content.toString('latin1').split('\n') : [];
    const bad = lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1')));
    throw noRows(bad < 0 ? file : `${file}:${bad + 1}`, `: a byte is not valid ${encoding.toUpperCase()}`);
  }
}

function noRows(path: string, why: string): MillraceError {
  const hint = 'write one JSON object per line, or an array of objects';
  return new MillraceError([{ code: 'MR136', path, message: `the file does not contain rows${why}`, hint }], 2);
}

function tooMuch(path: string, found: string, most: string): MillraceError {
  const hint = `pass at most ${most} at once; a pipeline scores tables of any size`;
  return new MillraceError([{ code: 'MR138', path, message: `too much to score at once: ${found}`, hint }], 2);
}
