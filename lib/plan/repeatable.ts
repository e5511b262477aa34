import type { Issue } from '../errors.ts';
import type { Rule, TransformTask } from './schema.ts';
import { placeInSql, type SqlToken, sqlTokens } from './sql.ts';

/** MR145: SQL that returns a different result each time, so that incremental and full runs would differ. */

const asParameter =
  "use a parameter of the pipeline, such as `as_of: { type: 'date', default: '2025-01-31' }`, and :as_of here";
const asHash = 'pmod(xxhash64(id), 100) of a key: the same row gets the same number in each run';

/** Function -> replacement. */
const functions: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['current_timestamp', 'current_date', 'curdate', 'now', 'localtimestamp'].map((name) => [name, asParameter]),
  ),
  ...Object.fromEntries(['rand', 'random', 'randn'].map((name) => [name, asHash])),
  uuid: "sha2(concat_ws('|', id), 256) of a key",
  shuffle: 'array_sort(x)',
  monotonically_increasing_id: '_row, the number that a row keeps',
  spark_partition_id: asHash,
  ...Object.fromEntries(
    ['input_file_name', 'input_file_block_start', 'input_file_block_length'].map((name) => [
      name,
      '_source_file, which rows of a source bear',
    ]),
  ),
  ...Object.fromEntries(
    ['current_user', 'session_user', 'user', 'current_catalog', 'current_database', 'current_schema'].map((name) => [
      name,
      'a parameter of the pipeline',
    ]),
  ),
};

/** Functions that Spark also accepts without brackets, if no column has the name. */
const withoutBrackets = new Set(['current_timestamp', 'current_date', 'localtimestamp', 'current_user']);

/** Functions that return the current time only without arguments. */
const ofNothing = new Set(['unix_timestamp', 'to_unix_timestamp']);

interface Found {
  text: string;
  start: number;
  hint: string;
}

/** Calls and words with a different result in each run. `columns`: visible names in lower case. */
export function unrepeatable(sql: string, columns: ReadonlySet<string>): Found[] {
  const tokens = sqlTokens(sql);
  return tokens.flatMap((token, i) => {
    const hint = hintOf(token, tokens[i - 1], tokens.slice(i + 1, i + 3), columns);
    return hint === undefined ? [] : [{ text: token.text, start: token.start, hint }];
  });
}

function hintOf(
  token: SqlToken,
  before: SqlToken | undefined,
  [next, last]: readonly SqlToken[],
  columns: ReadonlySet<string>,
): string | undefined {
  if (token.type === 'STRING') return isDay(token, before, [next, last]) ? asParameter : undefined;
  if (before?.text === '.' || next?.text === '.') return undefined;
  const name = token.text.toLowerCase();
  if (name === 'tablesample') return `WHERE ${asHash.split(':')[0]} < 10`;
  if (next?.text === '(') {
    if (ofNothing.has(name)) return last?.text === ')' ? asParameter : undefined;
    return Object.hasOwn(functions, name) ? functions[name] : undefined;
  }
  if (token.type !== 'T') return undefined;
  const isName = columns.has(name) || before?.text.toUpperCase() === 'AS' || before?.text === ':';
  return withoutBrackets.has(name) && !isName ? functions[name] : undefined;
}

/** A text that Spark casts to the current day or time: `DATE 'today'`, `CAST('now' AS TIMESTAMP)`. */
function isDay(
  { text }: SqlToken,
  before: SqlToken | undefined,
  [next, last]: readonly (SqlToken | undefined)[],
): boolean {
  if (!/^'?(now|today|yesterday|tomorrow)'?$/i.test(text.trim())) return false;
  const cast = next?.text.toUpperCase() === 'AS' ? last : before;
  return /^(date|timestamp)/i.test(cast?.text ?? '');
}

/** MR145 for the SQL of a table and the rules of its reads. Expectations are not checked, because they change no rows. */
export function repeatableIssues(
  { sql, sqlFile, reads }: Pick<TransformTask, 'sql' | 'sqlFile' | 'reads'>,
  columns: readonly string[],
  place: string,
): Issue[] {
  const visible = new Set(columns.map((column) => column.toLowerCase()));
  const say = ({ text, hint }: Found, path: string): Issue => {
    const message = `${text.replaceAll('`', '')} has a different value in each run, so incremental and full runs would differ`;
    return { code: 'MR145', path, message, hint };
  };
  const rules = reads.flatMap(({ table, keep, quarantine }) =>
    [...keep, ...quarantine].map((rule: Rule) => ({ table, rule })),
  );
  return [
    ...unrepeatable(sql, visible).map((found) => say(found, placeInSql(sql, sqlFile, found.start))),
    ...rules.flatMap(({ table, rule }) =>
      'sql' in rule
        ? unrepeatable(rule.sql, visible).map((found) => say(found, `${place}.reads.${table}.${rule.name}`))
        : [],
    ),
  ];
}
