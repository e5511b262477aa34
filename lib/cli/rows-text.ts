import type { ShownTable } from '../local/lake-tables.ts';
import { cellText, cut, fittedTable } from './fitted-table.ts';
import { wrapped } from './terminal.ts';

/** Rows on lines of at most `width` characters: as a table, or, for quarantined rows, one after the other. */
export function rowsText(
  quarantined: boolean,
  shown: ShownTable,
  wanted: ShownTable['columns'] | undefined,
  width: number,
): string {
  if (quarantined) return rejectsText(shown, width);
  // Hides the columns that the engine adds.
  const declared = shown.columns.filter(({ name }) => !name.startsWith('_'));
  const columns = wanted ?? (declared.length > 0 ? declared : shown.columns);
  const cells = shown.rows.map((row) => columns.map(({ name, type }) => cellOf(row[name] ?? null, type)));
  const { text, leftOut } = fittedTable(columns, cells, width);
  if (leftOut.length === 0) return text;
  const more = `${leftOut.length} more: ${leftOut.join(', ')} (--columns a,b shows the columns that you name)`;
  return `${text}${width === Number.POSITIVE_INFINITY ? more : wrapped(more, width)}\n`;
}

/** All times are UTC. */
const cellOf = (value: unknown, type: string): string =>
  type === 'timestamp' && typeof value === 'string' ? value.replace('T', ' ').replace(/\+00:00$/, '') : cellText(value);

/** The fields that the engine added to a row of a bronze table, at the beginning of the row's text. */
const engineFields = /^\{(?:"_(?:source_file|ingested_at|run_id)":"(?:[^"\\]|\\.)*",?)+/;

/** Maximum lines of a row's text on a terminal. */
const mostLines = 4;

/** Each row with its rule, its place, the reason and its raw text. */
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
        // For rules of the definition, the reason only repeats the name.
        ...(reason === `fails ${rule}` ? [] : folded('reason  ', reason, width)),
        ...folded('row     ', cellText(row['_raw']).replace(engineFields, '{'), width),
      ];
      return `${lines.join('\n')}\n`;
    })
    .join('\n')
    .concat(rows.length > 0 ? '\n' : '');
}

/** A title followed by text, on at most `mostLines` lines. */
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
