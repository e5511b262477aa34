import * as z from 'zod';
import { columnNames } from '../columns.ts';
import { type Encoding, encoding } from './encodings.ts';
import { asStrings, type Format } from './format.ts';
import { optionsOfAll, type SourceBase } from './source.ts';

const options = z.strictObject({
  ...optionsOfAll,
  format: z.literal('text'),
  columns: columnNames.length(1),
  encoding: encoding.optional(),
});

const planned = z.strictObject({ format: z.literal('text'), encoding });

export const text = {
  name: 'text',
  options,
  planned,
  defaults: { encoding: 'utf-8' },
  columns: ({ columns }) => asStrings(columns),
  issues: () => [],
  endings: ['.log', '.txt'],
  proposes: 'names',
} as const satisfies Format<z.infer<typeof options>, z.infer<typeof planned>>;

/** Text such as logs: one record per line, which the SQL of a silver table parses. A line ends with LF or CRLF; an empty line is a row too. */
export interface TextSource extends SourceBase {
  /** Lines of any text. */
  readonly format: 'text';
  /**
   * The name of the one column, a string, that contains the lines.
   * @example columns: ['line']
   */
  readonly columns: readonly [string];
  /**
   * Default `utf-8`. A line with invalid bytes is rejected.
   * @default `utf-8`
   * @example encoding: 'latin-1'
   */
  readonly encoding?: Encoding;
}
