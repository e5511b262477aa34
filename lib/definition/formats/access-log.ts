import * as z from 'zod';
import { type Columns, columnsOf } from '../columns.ts';
import type { Format } from './format.ts';
import { optionsOfAll, type SourceBase } from './source.ts';

/** Requests as web servers log them. */

/** Fields of a line, and the types that they have; `engine/readers/access_log.py` says the same. */
const fields = {
  host: 'string',
  ident: 'string?',
  user: 'string?',
  time: 'timestamp',
  request: 'string?',
  method: 'string?',
  target: 'string?',
  protocol: 'string?',
  status: 'int',
  bytes: 'bigint?',
  referer: 'string?',
  agent: 'string?',
} as const satisfies Columns;

export type AccessLogField = keyof typeof fields;

const names = Object.keys(fields) as [AccessLogField, ...AccessLogField[]];
const ofCombined: readonly AccessLogField[] = ['referer', 'agent'];
const layout = z.enum(['combined', 'common']);

const options = z.strictObject({
  ...optionsOfAll,
  format: z.literal('access-log'),
  columns: z.array(z.enum(names)).min(1),
  layout: layout.optional(),
});

const planned = z.strictObject({ format: z.literal('access-log'), layout });

export const accessLog = {
  name: 'access-log',
  options,
  planned,
  defaults: { layout: 'combined' },
  columns: ({ columns }) => columnsOf(Object.fromEntries(columns.map((name) => [name, fields[name]]))),
  issues: ({ columns, layout = 'combined' }) =>
    columns
      .filter((name) => layout === 'common' && ofCombined.includes(name))
      .map((name) => ({
        code: 'MR154',
        at: '.columns',
        message: `a line of the common log format has no ${name}`,
        hint: `remove ${name}, or use layout: 'combined'`,
      })),
  endings: ['.log'],
  proposes: 'names',
} as const satisfies Format<z.infer<typeof options>, z.infer<typeof planned>>;

/**
 * Access logs of web servers such as Apache and nginx: one request per line. A line of another form is quarantined; an empty one is no
 * record.
 */
export interface AccessLogSource extends SourceBase {
  /** Lines of the common or the combined log format. */
  readonly format: 'access-log';
  /**
   * Fields to read, of any number and in any order: `host`, `ident`, `user`, `time` (UTC), `request` and its parts `method`, `target` and
   * `protocol`, `status`, `bytes`, `referer`, `agent`. A `-` is null, and so are the parts of a request that has none. Escapes such as
   * `\"` stay as the server wrote them.
   * @example columns: ['host', 'time', 'method', 'target', 'status', 'bytes']
   */
  readonly columns: readonly AccessLogField[];
  /**
   * `common` ends after `bytes`; `combined` has `referer` and `agent` as well.
   * @default `combined`
   * @example layout: 'common'
   */
  readonly layout?: 'combined' | 'common';
}
