import type { ColumnType } from './column-types.ts';

/** `'double'` may not be null, `'double?'` may: a row of a table that breaks it is quarantined. A source takes nulls in either. */
export type ColumnSpec = ColumnType | `${ColumnType}?`;
export type Columns = Readonly<Record<string, ColumnSpec>>;

/** What the name of a folder may hold. */
export const partitionTypes = ['string', 'boolean', 'int', 'bigint', 'double', 'date', 'timestamp'] as const;
export type PartitionSpec = (typeof partitionTypes)[number] | `${(typeof partitionTypes)[number]}?`;

/** A share, 0 to 1, above which it is a warning, and one above which it is an error and nothing is committed. A number alone is an error. */
export type Bound = number | { readonly warn?: number; readonly error?: number };

export interface SourceBounds {
  /**
   * The share of the rows read that may be quarantined. A warning above three times the share of the last runs (above 0.02 where there were
   * none), an error above 0.5, and where everything is read anew and all of it is quarantined.
   * @default see the text
   * @example quarantined: { warn: 0.05, error: 0.5 }
   */
  readonly quarantined?: Bound;
  /**
   * Fewer quarantined rows than this are no error, however large their share; 100 unless told.
   * @default 100
   * @example atLeast: 1000
   */
  readonly atLeast?: number;
}

interface SourceBase {
  /**
   * What may be quarantined of what is read, as `{ quarantined: { warn: 0.05, error: 0.5 } }`.
   * @default those of SourceBounds
   * @example bounds: { quarantined: { warn: 0.05, error: 0.5 } }
   */
  readonly bounds?: SourceBounds;
  /**
   * A folder and a file pattern below the data directory, as `customers/*.csv`. `*` stands for any characters of a name, `**` for
   * any number of folders: `events/**\/*.json`. A folder that fits is read with the part files in it.
   * @example path: 'customers/*.csv'
   */
  readonly path: string;
  /**
   * Columns whose values are in the names of folders, as Hive and Spark write them: `{ dt: 'date' }` for `sales/dt=2024-01-01/x.csv`
   * with the path `sales/*.csv`. The rows of a file whose folder holds no value of the type are quarantined. None by default.
   * @default none
   * @example partitions: { dt: 'date' }
   */
  readonly partitions?: Readonly<Record<string, PartitionSpec>>;
  /**
   * An absent folder is an empty source instead of an error.
   * @default false
   * @example optional: true
   */
  readonly optional?: boolean;
}

interface NamedFields extends SourceBase {
  /**
   * Column -> what the files call it, where that is another name, as `{ id: '_id', at: '@timestamp' }`.
   * @default none
   * @example headers: { id: '_id' }
   */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Names of encodings that a csv may have. `latin-1` is ISO 8859-1; `utf-16` goes by its byte-order mark. */
export const encodings = [
  'utf-8',
  'utf-16',
  'utf-16-le',
  'utf-16-be',
  'latin-1',
  'iso-8859-2',
  'iso-8859-15',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1256',
  'koi8-r',
  'mac-roman',
  'cp437',
  'cp850',
  'shift_jis',
  'euc-jp',
  'gbk',
  'gb18030',
  'big5',
  'euc-kr',
] as const;

/**
 * Text, a record a line. Names alone make every column a string, and casting is the work of a silver table; with types, a cell
 * that is no value of its column's type sends its record to quarantine.
 */
export interface CsvSource extends NamedFields {
  /** Text with a delimiter, and a header line. */
  readonly format: 'csv';
  /**
   * Its columns: names alone, which are strings, or column -> type. A file may have more.
   * @example columns: ['id', 'joined']
   */
  readonly columns: readonly string[] | Columns;
  /**
   * Columns that older or newer files may lack, and which are null there; a run counts the files.
   * @default none
   * @example mayLack: ['middle_name']
   */
  readonly mayLack?: readonly string[];
  /**
   * One character. Default `,`, or what a first line `sep=;` says.
   * @default `,`, or what a first line `sep=;` says
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
   * `strict` (default): after a closing quote comes a delimiter or a line end, else the record is rejected. `lenient`: text may follow.
   * `none`: a quote is text like any other.
   * @default `strict`
   * @example quoting: 'lenient'
   */
  readonly quoting?: 'strict' | 'lenient' | 'none';
  /**
   * A character that takes the next one its meaning, as a backslash. Default none; two quotes inside quotes are one in any case.
   * @default none
   * @example escape: '\\'
   */
  readonly escape?: string;
  /**
   * Lines that begin with this character are no records. Default none.
   * @default none
   * @example comment: '#'
   */
  readonly comment?: string;
  /**
   * Default `utf-8`. Bytes that mean nothing in it reject their record.
   * @default `utf-8`
   * @example encoding: 'windows-1252'
   */
  readonly encoding?: (typeof encodings)[number];
  /**
   * Records of the header, the names in the first. Default 1; 0 finds the columns by their place, in the order of `columns`.
   * @default 1
   * @example header: 0
   */
  readonly header?: 0 | 1 | 2 | 3;
  /**
   * Lines before the header that are passed over. Default 0.
   * @default 0
   * @example skip: 3
   */
  readonly skip?: number;
  /**
   * Each record ends with a delimiter that has nothing after it. Default false.
   * @default false
   * @example trailingDelimiter: true
   */
  readonly trailingDelimiter?: boolean;
  /**
   * The sign before the fraction of a number, for columns with types. Default `.`.
   * @default `.`
   * @example decimal: ','
   */
  readonly decimal?: '.' | ',';
  /**
   * The sign between groups of three digits, for columns with types. Default none: a number in groups is then rejected.
   * @default none
   * @example thousands: '.'
   */
  readonly thousands?: ',' | '.' | ' ' | "'";
}

/** JSON lines. A value of another type than declared sends its line to quarantine; a missing one is null. */
export interface JsonSource extends NamedFields {
  /** One JSON object a line. */
  readonly format: 'json';
  /**
   * Column -> type. An object may have more.
   * @example columns: { id: 'string', at: 'timestamp', minutes: 'double?' }
   */
  readonly columns: Columns;
  /**
   * In the cloud its records are put to a stream, which lands them as files of `path`; on a laptop the files are all there is.
   * @default none
   * @example stream: { partitionBy: 'at' }
   */
  readonly stream?: Stream;
}

export interface Stream {
  /**
   * Column by whose day records are put together into files; by the day of their arrival unless told.
   * @default the day of arrival
   * @example partitionBy: 'at'
   */
  readonly partitionBy?: string;
}

export interface ParquetSource extends NamedFields {
  /** Files of columns with types of their own. */
  readonly format: 'parquet';
  /**
   * Column -> type; a file with another type is refused.
   * @example columns: { town: 'string', size: 'bigint?' }
   */
  readonly columns: Columns;
  /**
   * Columns that older or newer files may lack, and which are null there; a run counts the files.
   * @default none
   * @example mayLack: ['size']
   */
  readonly mayLack?: readonly string[];
}

/** Text, such as logs: a record a line, which the SQL of a silver table takes apart. A line ends with LF or CRLF; an empty one is a row too. */
export interface TextSource extends SourceBase {
  /** Lines of any text. */
  readonly format: 'text';
  /**
   * The one column that holds the lines, a string.
   * @example columns: ['line']
   */
  readonly columns: readonly [string];
  /**
   * Default `utf-8`. A line with bytes that mean nothing in it is rejected.
   * @default `utf-8`
   * @example encoding: 'latin-1'
   */
  readonly encoding?: (typeof encodings)[number];
}

export type Source = CsvSource | JsonSource | ParquetSource | TextSource;

/** The columns whose first ten characters are a day in every record: text that is never null. */
export type DayColumnOf<C> = string extends keyof C
  ? string
  : { [K in keyof C & string]: C[K] extends 'string' | 'date' | 'timestamp' ? K : never }[keyof C & string];

/** The columns that a file may lack: those that may be null. */
export type LackableOf<C> = C extends readonly (infer Name)[]
  ? Name
  : string extends keyof C
    ? string
    : { [K in keyof C & string]: C[K] extends `${string}?` ? K : never }[keyof C & string];

/** The columns that the folders of a source name. */
export type PartitionsOf<S> = S extends { readonly partitions: infer P } ? keyof P & string : never;

/** The column names of a source or of a table's columns. */
export type NamesOf<C> = C extends readonly (infer Name extends string)[] ? Name : keyof C & string;
