import { stripVTControlCharacters, styleText } from 'node:util';
import { type Environment, environmentNamed } from '../environment/environment.ts';
import type { PipelineFunction } from '../functions/pipeline-function.ts';

export interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** What a verb is given: `out` takes results, `err` everything else; `environments` are those that `--env` can name, `functions` the Lambda functions that a synthesis makes. */
export interface Terminal {
  out: Stream;
  err: Stream;
  environments?: Readonly<Record<string, Environment>>;
  functions?: readonly PipelineFunction[];
}

/** The environment with this name. Throws MR600 as `environmentNamed` does. */
export const environmentOf = ({ environments = {} }: Terminal, name: string): Environment =>
  environmentNamed(environments, name);

export type Finish = (exitCode: number) => void;

/** Options that every verb takes. */
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

/** The width that lines are broken at where nothing says how wide the terminal is. */
const usualWidth = 80;

/** Lines of at most `width` characters, broken between words. Lines that are indented, as those of tables, and paths are left alone. */
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

/** Characters of a line without its colours. */
const shownLength = (line: string) => stripVTControlCharacters(line).length;

/** Lines no longer than a terminal is wide; in a file or a pipe they stay as they are. */
export const fitting = (text: string, { isTTY, columns: width = usualWidth }: Stream) =>
  isTTY === true ? wrapped(text, Math.max(width, leastWidth)) : text;

/** Some terminals say that they have no columns at all. */
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
