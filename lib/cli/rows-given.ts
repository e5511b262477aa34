import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { MillraceError } from '../errors.ts';

/** Rows as a person gives them: a file or stdin, as JSON lines, one object or an array of objects. */

type Row = Record<string, unknown>;

/** Bytes that are read at most: some hundred thousand rows, and far less than the memory of a laptop. */
const mostBytes = 32 * 1024 * 1024;
const mostRows = 100_000;
/** Characters of a row in JSON lines. */
const mostInRow = 1024 * 1024;

/** Throws MR206 where the file cannot be read, MR136 where it does not hold rows, MR138 where it holds more than is taken at once. */
export async function rowsGiven(file: string): Promise<Row[]> {
  const content = await textOf(file);
  const rows = content.trimStart().startsWith('[') ? parsed(content, file) : lines(content, file);
  if (!Array.isArray(rows) || !rows.every(isRow)) throw noRows(file, '');
  if (rows.length > mostRows) throw tooMuch(file, `${rows.length.toLocaleString('en-US')} rows`, '100,000 rows');
  return rows;
}

function lines(content: string, file: string): unknown[] {
  const written = content.split('\n').filter((line) => line.trim() !== '');
  try {
    // One object over several lines, as a person would write it.
    if (written.length > 1 && written[0]!.trim() === '{') return [JSON.parse(content)];
  } catch {
    // JSON lines, then, or nothing; the line that is none is named below.
  }
  return written.map((line, i) => {
    if (line.length > mostInRow) throw tooMuch(`${file}:${i + 1}`, 'a row of more than 1 MiB', '1 MiB a row');
    return parsed(line, `${file}:${i + 1}`);
  });
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw noRows(where, `: ${(error as Error).message.slice(0, 120)}`);
  }
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
  return Buffer.concat(chunks).toString('utf8');
}

function noRows(path: string, why: string): MillraceError {
  const hint = 'write one JSON object a line, or an array of objects';
  return new MillraceError([{ code: 'MR136', path, message: `the file does not hold rows${why}`, hint }], 2);
}

function tooMuch(path: string, found: string, most: string): MillraceError {
  const hint = `give at most ${most} at once; a pipeline scores tables of any size`;
  return new MillraceError([{ code: 'MR138', path, message: `too much to score at once: ${found}`, hint }], 2);
}
