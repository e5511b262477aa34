/** What a column may hold; `timestamp` is microseconds in UTC. */
export const columnTypes = ['string', 'boolean', 'int', 'bigint', 'double', 'date', 'timestamp'] as const;
export type ColumnType = (typeof columnTypes)[number];

/** `'double'` may not be null, `'double?'` may. */
export type ColumnSpec = ColumnType | `${ColumnType}?`;
export type Columns = Readonly<Record<string, ColumnSpec>>;

interface SourceBase {
  /** A folder and a file pattern below the data directory, as `customers/*.csv`. */
  readonly path: string;
  /** An absent folder is an empty source instead of an error. */
  readonly optional?: boolean;
}

/** Text formats carry text: every column of a csv is a string, and casting is the work of a silver table. */
export interface CsvSource extends SourceBase {
  /** Text with a delimiter, and a header line. */
  readonly format: 'csv';
  /** Its columns, all strings. A file may have more. */
  readonly columns: readonly string[];
  /** Column -> the name in the file's header, where they differ. */
  readonly headers?: Readonly<Record<string, string>>;
  /** One character; `,` unless told. */
  readonly delimiter?: string;
}

/** JSON lines. A value of another type than declared sends its line to quarantine; a missing one is null. */
export interface JsonSource extends SourceBase {
  /** One JSON object a line. */
  readonly format: 'json';
  /** Column -> type. An object may have more. */
  readonly columns: Columns;
  /** In the cloud its records are put to a stream, which lands them as files of `path`; on a laptop the files are all there is. */
  readonly stream?: Stream;
}

export interface Stream {
  /** Column by whose day records are put together into files; by the day of their arrival unless told. */
  readonly partitionBy?: string;
}

export interface ParquetSource extends SourceBase {
  /** Files of columns with types of their own. */
  readonly format: 'parquet';
  /** Column -> type; a file with another type is refused. */
  readonly columns: Columns;
}

export type Source = CsvSource | JsonSource | ParquetSource;

/** The columns whose first ten characters are a day in every record: text that is never null. */
export type DayColumnOf<C> = string extends keyof C
  ? string
  : { [K in keyof C & string]: C[K] extends 'string' | 'date' | 'timestamp' ? K : never }[keyof C & string];

/** The column names of a source or of a table's columns. */
export type NamesOf<C> = C extends readonly (infer Name extends string)[] ? Name : keyof C & string;
