import { styleText } from 'node:util';
import { type Environment, environmentNamed } from '../environment/environment.ts';

export interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** What a verb is given: `out` takes results, `err` everything else; `environments` are those that `--env` can name. */
export interface Terminal {
  out: Stream;
  err: Stream;
  environments?: Readonly<Record<string, Environment>>;
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

export const plural = (n: number, what: string) => `${thousands(n)} ${what}${n === 1 ? '' : 's'}`;

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
