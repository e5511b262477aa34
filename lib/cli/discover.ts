import { type Discovered, discover } from '../local/discover.ts';
import { verb } from './options.ts';
import { type CommonOptions, type Finish, plural, printJson, type Terminal, thousands } from './terminal.ts';

export const discoverCommand = (terminal: Terminal, finish: Finish) =>
  verb('discover', 'look at a file or folder and propose a source for it; writes nothing')
    .argument('<path>', 'a file, or a folder of files')
    .action(async (place: string, options: CommonOptions) => {
      const found = await discover(place);
      if (options.json) printJson(terminal, { ...found, source: sourceText(found) });
      else terminal.out.write(sourceText(found));
      for (const note of [looked(found), ...found.notes]) terminal.err.write(`${note}\n`);
      finish(0);
    });

const looked = ({ file, files, rows }: Discovered) =>
  `from all ${thousands(rows)} rows of ${file}${files > 1 ? `, the largest of ${plural(files, 'file')}` : ''}`;

/** A source as a definition has it, to paste. */
function sourceText({ format, path, delimiter, columns, partitions }: Discovered): string {
  const name =
    path
      .split('/')[0]!
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, '_')
      .replace(/^[^a-z]+/, '') || 'source';
  const renamed = columns.filter((column) => column.name !== column.header);
  const lines = [
    `${name}: {`,
    `  format: ${quoted(format)},`,
    `  path: ${quoted(path)},`,
    ...(delimiter === undefined || delimiter === ',' ? [] : [`  delimiter: ${quoted(delimiter)},`]),
    ...(format === 'text'
      ? [`  columns: [${columns.map((column) => quoted(column.name)).join(', ')}],`]
      : format === 'csv'
        ? ['  columns: [', ...columns.map((column) => `    ${quoted(column.name)}, // ${column.holds}`), '  ],']
        : [
            '  columns: {',
            ...columns.map((column) => `    ${column.name}: ${quoted(column.type + (column.nullable ? '?' : ''))},`),
            '  },',
          ]),
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

/** A literal of TypeScript, whatever is in the text. */
const quoted = (text: string) => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
