import * as z from 'zod';
import { isNested } from '../column-types.ts';
import { type Columns, columnNames, columnSpecs, columnsOf } from '../columns.ts';
import { type Encoding, encoding } from './encodings.ts';
import { asStrings, type Format, type FormatIssue } from './format.ts';
import { lackingOption, type NamedFields, optionsOfNamed, plannedHeaders, plannedLacking } from './source.ts';

/** Text with a delimiter. */

const sign = z
  .string()
  // Hive's files are delimited by a control character.
  .refine(
    (text) => text.length === 1 && text > '\0' && text < '\x80' && !'\r\n'.includes(text),
    'must be one ASCII character',
  )
  .optional();

const options = z.strictObject({
  ...optionsOfNamed,
  format: z.literal('csv'),
  columns: z.union([columnNames.min(1), columnSpecs]),
  mayLack: lackingOption,
  delimiter: sign,
  quote: sign,
  quoting: z.enum(['strict', 'lenient', 'none']).optional(),
  escape: sign,
  comment: sign,
  encoding: encoding.optional(),
  header: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).optional(),
  skip: z.int().min(0).max(10_000).optional(),
  trailingDelimiter: z.boolean().optional(),
  decimal: z.enum(['.', ',']).optional(),
  thousands: z.enum([',', '.', ' ', "'"]).optional(),
});

const planned = z.strictObject({
  format: z.literal('csv'),
  headers: plannedHeaders,
  mayLack: plannedLacking,
  /** Absent: a comma, or the sign in a first line `sep=;`. */
  delimiter: z.string().optional(),
  quote: z.string(),
  quoting: z.enum(['strict', 'lenient', 'none']),
  escape: z.string().optional(),
  comment: z.string().optional(),
  encoding,
  header: z.int(),
  skip: z.int(),
  trailingDelimiter: z.boolean(),
  decimal: z.string(),
  thousands: z.string().optional(),
});

type Options = z.infer<typeof options>;

export const csv = {
  name: 'csv',
  options,
  planned,
  defaults: {
    headers: {},
    mayLack: [],
    quote: '"',
    quoting: 'strict',
    encoding: 'utf-8',
    header: 1,
    skip: 0,
    trailingDelimiter: false,
    decimal: '.',
  },
  columns: ({ columns }) => (Array.isArray(columns) ? asStrings(columns) : columnsOf(columns)),
  issues: issuesOf,
  endings: ['.csv', '.tsv', '.txt'],
  proposes: 'names',
} as const satisfies Format<Options, z.infer<typeof planned>>;

/** MR152 for a type that a csv cell cannot contain, MR154 for contradicting options. */
function issuesOf(source: Options): FormatIssue[] {
  const issues: FormatIssue[] = [];
  const { columns, delimiter = ',', quote = '"', quoting, comment, header, headers, decimal, thousands } = source;
  for (const [name, spec] of Array.isArray(columns) ? [] : Object.entries(columns)) {
    const type = spec.replace(/\?$/, '');
    if (!isNested(type) && type !== 'binary') continue;
    issues.push({
      code: 'MR152',
      at: `.columns.${name}`,
      message: `"${name}" is ${type}, which a csv cell cannot contain`,
      hint: `declare it 'string', and parse it with from_json, split or unbase64 in a silver table`,
    });
  }
  const clash = (at: string, message: string, hint: string) =>
    issues.push({ code: 'MR154', at: `.${at}`, message, hint });
  const signs = Object.entries({
    delimiter,
    quote: quoting === 'none' ? undefined : quote,
    escape: source.escape,
    comment,
  });
  const used = new Map<string, string>();
  for (const [option, sign] of signs) {
    if (sign === undefined) continue;
    const other = used.get(sign);
    if (other === undefined) used.set(sign, option);
    else clash(option, `${option} and ${other} are the same sign, ${JSON.stringify(sign)}`, escapeHint(option, other));
  }
  if (quoting === 'none' && source.quote !== undefined)
    clash('quote', `quoting: 'none' has no quote`, 'remove one of the two options');
  if (header === 0 && Object.keys(headers ?? {}).length > 0)
    clash(
      'headers',
      'a file without a header has no column names to map',
      'remove `headers`: the columns are in the order of the file',
    );
  if (header === 0 && (source.mayLack ?? []).length > 0)
    clash('mayLack', 'without a header, every file must have all columns', 'remove `mayLack`');
  if (thousands !== undefined && thousands === (decimal ?? '.'))
    clash(
      'thousands',
      `decimal and thousands are the same sign, "${thousands}"`,
      `decimal: '${thousands === ',' ? '.' : ','}'`,
    );
  if (Array.isArray(columns)) {
    for (const option of ['decimal', 'thousands'] as const) {
      if (source[option] !== undefined)
        clash(
          option,
          'columns without types are strings, so numbers are not parsed',
          `give the columns types: { amount: 'double?' }`,
        );
    }
  }
  return issues;
}

const escapeHint = (option: string, other: string) =>
  option === 'escape' && other === 'quote'
    ? 'remove `escape`: two quotes inside quotes are one'
    : 'choose different signs';

/**
 * Text with one record per line. With names alone, every column is a string, and a silver table casts it. With types, a record with a
 * cell that is not a value of its column's type is quarantined.
 */
export interface CsvSource extends NamedFields {
  /** Text with a delimiter and a header line. */
  readonly format: 'csv';
  /**
   * Column names (all strings), or column -> type. A file may have more columns.
   * @example columns: ['id', 'joined']
   */
  readonly columns: readonly string[] | Columns;
  /**
   * Columns that older or newer files may lack; they are null there, and the run reports the number of files.
   * @default none
   * @example mayLack: ['middle_name']
   */
  readonly mayLack?: readonly string[];
  /**
   * One character. Default `,`, or the sign in a first line `sep=;`.
   * @default `,`, or the sign in a first line `sep=;`
   * @example delimiter: ';'
   */
  readonly delimiter?: string;
  /**
   * One character. Default `"`.
   * @default `"`
   * @example quote: "'"
   */
  readonly quote?: string;
  /**
   * `strict` (default): a delimiter or a line end must follow a closing quote, otherwise the record is rejected. `lenient`: text may
   * follow. `none`: a quote is an ordinary character.
   * @default `strict`
   * @example quoting: 'lenient'
   */
  readonly quoting?: 'strict' | 'lenient' | 'none';
  /**
   * The escape character, such as a backslash. Default none; two quotes inside quotes are always one.
   * @default none
   * @example escape: '\\'
   */
  readonly escape?: string;
  /**
   * Lines that begin with this character are skipped. Default none.
   * @default none
   * @example comment: '#'
   */
  readonly comment?: string;
  /**
   * Default `utf-8`. A record with invalid bytes is rejected.
   * @default `utf-8`
   * @example encoding: 'windows-1252'
   */
  readonly encoding?: Encoding;
  /**
   * Number of header records; names are in the first. Default 1; with 0, columns are taken by position, in the order of `columns`.
   * @default 1
   * @example header: 0
   */
  readonly header?: 0 | 1 | 2 | 3;
  /**
   * Lines to skip before the header. Default 0.
   * @default 0
   * @example skip: 3
   */
  readonly skip?: number;
  /**
   * Whether each record ends with an extra delimiter. Default false.
   * @default false
   * @example trailingDelimiter: true
   */
  readonly trailingDelimiter?: boolean;
  /**
   * The decimal mark, for columns with types. Default `.`.
   * @default `.`
   * @example decimal: ','
   */
  readonly decimal?: '.' | ',';
  /**
   * The thousands separator, for columns with types. Default none: a number with separators is rejected.
   * @default none
   * @example thousands: '.'
   */
  readonly thousands?: ',' | '.' | ' ' | "'";
}
