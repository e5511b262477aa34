/** Rows as a table that fits the terminal: long cells are cut; if that is not enough, the last columns are left out. */

export interface FittedTable {
  text: string;
  /** Names of the columns that did not fit. */
  leftOut: string[];
}

export interface TypedColumn {
  name: string;
  type: string;
}

/** Cells are never cut to fewer characters than this. */
const leastCut = 20;

const gap = 2;

const isNumber = (type: string) => /^(int|bigint|double|decimal\()/.test(type);

/** `width`: characters per line; infinite to cut nothing. The first two lines are names and types. */
export function fittedTable(
  columns: readonly TypedColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): FittedTable {
  const heads = columns.map(({ name, type }) => Math.max(length(name), length(type)));
  const wide = columns.map((_, i) => Math.max(heads[i]!, ...rows.map((row) => length(row[i]!))));
  const least = wide.map((each, i) => Math.max(heads[i]!, Math.min(each, leastCut)));
  let count = columns.length;
  while (count > 1 && lineOf(least.slice(0, count)) > width) count--;
  const widths = shrunk(wide.slice(0, count), least.slice(0, count), width);
  const line = (cells: readonly string[]) =>
    `  ${widths
      .map((each, i) => padded(cut(cells[i]!, each), each, isNumber(columns[i]!.type)))
      .join(' '.repeat(gap))
      .trimEnd()}\n`;
  const head = [columns.map(({ name }) => name), columns.map(({ type }) => type)];
  return {
    text: [...head, ...rows].map(line).join(''),
    leftOut: columns.slice(count).map(({ name }) => name),
  };
}

const lineOf = (widths: readonly number[]) => widths.reduce((sum, each) => sum + each + gap, 0);

/** Narrows the widest column step by step until a line fits or every column has its minimum width. */
function shrunk(wide: readonly number[], least: readonly number[], width: number): number[] {
  const widths = [...wide];
  while (lineOf(widths) > width) {
    const over = widths.map((each, i) => (each > least[i]! ? each : 0));
    const widest = Math.max(...over);
    if (widest === 0) return widths.map((each) => Math.min(each, Math.max(1, width - gap)));
    widths[over.indexOf(widest)]!--;
  }
  return widths;
}

const length = (text: string) => [...text].length;

const padded = (text: string, width: number, right: boolean) => {
  const blanks = ' '.repeat(Math.max(0, width - length(text)));
  return right ? blanks + text : text + blanks;
};

/** At most `width` characters; ends in `…` if text was cut. */
export function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** A value on one line, with control characters escaped. */
export function cellText(value: unknown): string {
  const text = typeof value === 'string' ? value : value === null ? 'null' : JSON.stringify(value);
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (sign) =>
    JSON.stringify(sign)
      .slice(1, -1)
      .replace(/^[^\\]$/, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
