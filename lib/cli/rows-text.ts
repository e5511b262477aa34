import type { ShownTable } from '../local/lake-tables.ts';
import { cellText, cut, fittedTable } from './fitted-table.ts';
import { wrapped } from './terminal.ts';

/** Rows for a person, on lines of at most `width` characters: a table, or, of quarantined rows, one after the other. */
export function rowsText(
  quarantined: boolean,
  shown: ShownTable,
  wanted: ShownTable['columns'] | undefined,
  width: number,
): string {
  if (quarantined) return rejectsText(shown, width);
  // What the engine adds to each row is of use to it alone.
  const own = shown.columns.filter(({ name }) => !name.startsWith('_'));
  const columns = wanted ?? (own.length > 0 ? own : shown.columns);
  const cells = shown.rows.map((row) => columns.map(({ name, type }) => cellOf(row[name] ?? null, type)));
  const { text, leftOut } = fittedTable(columns, cells, width);
  if (leftOut.length === 0) return text;
  const more = `${leftOut.length} more: ${leftOut.join(', ')} (--columns a,b shows those that you name)`;
  return `${text}${width === Number.POSITIVE_INFINITY ? more : wrapped(more, width)}\n`;
}

/** Times are UTC, all of them. */
const cellOf = (value: unknown, type: string): string =>
  type === 'timestamp' && typeof value === 'string' ? value.replace('T', ' ').replace(/\+00:00$/, '') : cellText(value);

/** What the engine added to a row of a bronze table, where it leads the text of the row. */
const ownFields = /^\{(?:"_(?:source_file|ingested_at|run_id)":"(?:[^"\\]|\\.)*",?)+/;

/** So many lines of a row's own text are shown on a terminal. */
const mostLines = 4;

/** Each with its rule, its place, why it was rejected, and its text as it came. */
function rejectsText({ rows, places }: ShownTable, width: number): string {
  return rows
    .map((row, i) => {
      const [, line, why] = /^line ([\d,]+): (.*)$/s.exec(String(row['_reason'])) ?? [];
      const file = row['_source_file'] ?? places[i]?.file;
      const record = places[i]?.record.toLocaleString('en-US');
      const at = line !== undefined ? `, line ${line}` : record === undefined ? '' : `, record ${record}`;
      const reason = why ?? cellText(row['_reason']);
      const rule = cellText(row['_rule']);
      const lines = [
        file === undefined || file === null ? rule : `${rule}  ${cellText(file)}${at}`,
        // Rules of the definition have their name as the reason.
        ...(reason === `fails ${rule}` ? [] : folded('reason  ', reason, width)),
        ...folded('row     ', cellText(row['_raw']).replace(ownFields, '{'), width),
      ];
      return `${lines.join('\n')}\n`;
    })
    .join('\n')
    .concat(rows.length > 0 ? '\n' : '');
}

/** A text behind its title, on as many lines as it takes, at most `mostLines`. */
function folded(title: string, text: string, width: number): string[] {
  const room = Math.max(20, width - title.length - 2);
  if (room === Number.POSITIVE_INFINITY) return [`  ${title}${text}`];
  const characters = [...text];
  const lines: string[] = [];
  for (let at = 0; at === 0 || at < characters.length; at += room) {
    const isLast = lines.length === mostLines - 1;
    const rest = characters.slice(at, isLast ? undefined : at + room).join('');
    lines.push(`  ${at === 0 ? title : ' '.repeat(title.length)}${cut(rest, room)}`);
    if (isLast) break;
  }
  return lines;
}
