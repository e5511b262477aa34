import { formatOf } from '../definition/formats/formats.ts';
import { type Discovered, discover } from '../local/discover.ts';
import type { Ignored } from '../plan/input-pattern.ts';
import { verb } from './options.ts';
import { type CommonOptions, counted, type Finish, printJson, type Terminal, wrapped } from './terminal.ts';

export const discoverCommand = (terminal: Terminal, finish: Finish) =>
  verb('discover', 'inspect a file or folder and propose sources for it; writes nothing')
    .argument('<path>', 'a file, a folder of files, or a folder of such folders')
    .action(async (place: string, options: CommonOptions) => {
      const found = await discover(place);
      const [first, ...more] = found.map((each) => ({ ...each, source: sourceText(each) }));
      if (options.json) printJson(terminal, more.length === 0 ? first : { sources: [first, ...more] });
      else for (const each of found) terminal.out.write(sourceText(each));
      for (const each of found) {
        const notes = [looked(each), ...each.notes, ...passedOver(each.ignored)];
        terminal.err.write(wrapped(`${notes.join('\n')}\n`, terminal.err.isTTY === true ? terminal.err.columns : 120));
      }
      finish(0);
    });

const looked = ({ file, files, rows }: Discovered) =>
  `from all ${counted(rows, 'row')} of ${file}${files > 1 ? `, the largest of ${counted(files, 'file')}` : ''}`;

const mostNamed = 5;

/** Files that a run would not read, grouped by reason. */
function passedOver(ignored: readonly Ignored[]): string[] {
  return [...new Set(ignored.map(({ reason }) => reason))].map((reason) => {
    const places = ignored.filter((each) => each.reason === reason).map((each) => each.path);
    const more = places.length > mostNamed ? ` and ${places.length - mostNamed} more` : '';
    const why = reason === 'not like the pattern' ? 'a different ending from most' : reason;
    return `skips ${counted(places.length, 'place')} (${why}): ${places.slice(0, mostNamed).join(', ')}${more}`;
  });
}

/** A source in the form of a definition, to paste. */
function sourceText({ format, path, options, columns, partitions }: Discovered): string {
  const name =
    path
      .split('/')[0]!
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, '_')
      .replace(/^[^a-z]+/, '') || 'source';
  const renamed = options['header'] === 0 ? [] : columns.filter((column) => column.name !== column.header);
  const lines = [
    `${name}: {`,
    `  format: ${quoted(format)},`,
    `  path: ${quoted(path)},`,
    ...Object.entries(options).map(
      ([option, value]) => `  ${option}: ${typeof value === 'number' ? value : quoted(value)},`,
    ),
    ...columnLines(format, columns),
    ...(renamed.length === 0
      ? []
      : ['  headers: {', ...renamed.map((column) => `    ${column.name}: ${quoted(column.header)},`), '  },']),
    ...(Object.keys(partitions).length === 0
      ? []
      : [
          `  partitions: { ${Object.entries(partitions)
            .map(([column, type]) => `${column}: ${quoted(type)}`)
            .join(', ')} },`,
        ]),
    '},',
  ];
  return `${lines.join('\n')}\n`;
}

function columnLines(format: Discovered['format'], columns: Discovered['columns']): string[] {
  const noted = columns.map((each) => ({ ...each, remark: remark(each.holds, each.note) }));
  if (formatOf({ format }).proposes === 'types') {
    const lines = noted.map(
      (each) =>
        `    ${each.name}: ${quoted(each.type + (each.nullable ? '?' : ''))},${each.remark === '' ? '' : ` // ${each.remark}`}`,
    );
    return ['  columns: {', ...lines, '  },'];
  }
  if (noted.every((each) => each.remark === ''))
    return [`  columns: [${noted.map((each) => quoted(each.name)).join(', ')}],`];
  return ['  columns: [', ...noted.map((each) => `    ${quoted(each.name)}, // ${each.remark}`), '  ],'];
}

/** A comment on one line, without control characters. */
const remark = (holds: string | undefined, note: string) =>
  [holds, note]
    .filter((part) => part !== undefined && part !== '')
    .join('; ')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');

/** A TypeScript string literal. */
const quoted = (text: string) => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
