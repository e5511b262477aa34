import { stripVTControlCharacters, styleText } from 'node:util';
import { type Environment, environmentNamed } from '../environment/environment.ts';
import type { PipelineFunction } from '../functions/pipeline-function.ts';

export interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** Passed to every verb: `out` for results, `err` for everything else; `environments` for `--env`, `functions` for the Lambda functions to synthesise. */
export interface Terminal {
  out: Stream;
  err: Stream;
  environments?: Readonly<Record<string, Environment>>;
  functions?: readonly PipelineFunction[];
}

/** The environment with this name. Throws MR600 if there is none. */
export const environmentOf = ({ environments = {} }: Terminal, name: string): Environment =>
  environmentNamed(environments, name);

export type Finish = (exitCode: number) => void;

/** Options of every verb. */
export interface CommonOptions {
  json?: boolean;
  root: string;
}

export type Style = (style: Parameters<typeof styleText>[0], text: string) => string;

/** Colours on a terminal, plain text in a file; NO_COLOR is respected. */
export function styleFor(stream: Stream): Style {
  const coloured = stream.isTTY === true && !process.env['NO_COLOR'];
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text);
}

export const thousands = (n: number) => n.toLocaleString('en-US');

export const seconds = (n: number) =>
  n < 60 ? `${n.toFixed(1)} s` : `${Math.floor(n / 60)} min ${Math.round(n % 60)} s`;

export { counted } from '../words.ts';

/** The width for wrapping if the terminal reports none. */
const usualWidth = 80;

/** Wraps lines at `width` characters, between words. Indented lines (such as tables) and paths are not wrapped. */
export function wrapped(text: string, width = usualWidth): string {
  return text
    .split('\n')
    .flatMap((line) => {
      if (shownLength(line) <= width || line.startsWith('  ')) return [line];
      const lines: string[] = [];
      for (const word of line.split(/(?<! ) (?! )/)) {
        const last = lines.at(-1);
        if (last !== undefined && shownLength(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
        else lines.push(lines.length === 0 ? word : `  ${word}`);
      }
      return lines;
    })
    .join('\n');
}

/** Length of a line without colour codes. */
const shownLength = (line: string) => stripVTControlCharacters(line).length;

/** Wraps lines to the width of a terminal; does nothing for a file or a pipe. */
export const fitting = (text: string, { isTTY, columns: width = usualWidth }: Stream) =>
  isTTY === true ? wrapped(text, Math.max(width, leastWidth)) : text;

/** Some terminals report zero columns. */
const leastWidth = 40;

/** Columns padded to their widest cell. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `  ${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

export const printJson = (terminal: Terminal, document: unknown) =>
  terminal.out.write(`${JSON.stringify(document, undefined, 1)}\n`);
