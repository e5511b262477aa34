import { MillraceError } from '../errors.ts';

/**
 * Parses the keys of `--id`: plain values for a key of one column, or `column=value` for each column of a longer key. A repeated
 * column begins the next key. Returns the values of each key in the order of `columns`. Throws MR158 for anything else.
 */
export function keysGiven(columns: readonly string[], given: readonly string[]): string[][] {
  if (columns.length === 1) return given.map((value) => [value]);
  const keys: Map<string, string>[] = [];
  for (const word of given) {
    const at = word.indexOf('=');
    const column = word.slice(0, Math.max(at, 0));
    if (!columns.includes(column)) throw wrong(`"${word}" is not a key column with a value`, columns);
    const last = keys.at(-1);
    if (last === undefined || last.has(column)) keys.push(new Map([[column, word.slice(at + 1)]]));
    else last.set(column, word.slice(at + 1));
  }
  return keys.map((key) =>
    columns.map((column) => {
      const value = key.get(column);
      if (value !== undefined) return value;
      const said = [...key].map(([name, text]) => `${name}=${text}`).join(' ');
      throw wrong(`the key ${said} lacks ${column}`, columns);
    }),
  );
}

function wrong(message: string, columns: readonly string[]): MillraceError {
  const hint = columns.map((column) => `--id ${column}=...`).join(' ');
  return new MillraceError([{ code: 'MR158', path: '--id', message, hint }], 2);
}
