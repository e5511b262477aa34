import { analyzeQuery, Dialect, parse, tokenize, validateWithSchema } from '@polyglot-sql/sdk';
import type { Issue } from '../errors.ts';
import type { ColumnType } from './schema.ts';
import { nearest, suggestion } from './suggest.ts';

/** The only file that uses the SQL parser. Everything it returns is plain data. */

export interface VisibleTable {
  name: string;
  columns: readonly { name: string; type: ColumnType }[];
}

export interface SqlAnalysis {
  issues: Issue[];
  /** Output columns in order; empty if the text cannot be parsed. */
  outputs: string[];
  /** Output column -> the `table.column`s that it is computed from. */
  lineage: Record<string, string[]>;
  /** The visible tables that the text reads. */
  tables: string[];
  parameters: string[];
  /** The text without comments and white space, so that equivalent texts are equal. */
  normalForm: string;
}

export interface SqlToken {
  text: string;
  start: number;
  /** `T` for everything but literals and quoted names. */
  type: 'STRING' | 'QUOTED_IDENTIFIER' | 'T';
}

/** Analyses one SELECT. `file`: the place for issues. */
export function analyseSql(sql: string, file: string, visible: readonly VisibleTable[]): SqlAnalysis {
  const tokens = sqlTokens(sql);
  const issues = sqlIssues(sql, file, visible);
  const parsed = issues.some((issue) => issue.code === 'MR110')
    ? undefined
    : (analyzeQuery(sql, { dialect: 'spark', schema: schemaOf(visible) }) as QueryAnalysis);
  const projections = parsed?.analysis?.projections ?? [];
  // If the parser cannot trace a column to a table, as for `count(*)` of a CTE, it returns the CTE's alias, which is not a table.
  const tableNames = new Map(visible.map((table) => [table.name.toLowerCase(), table.name]));
  const lineage: Record<string, string[]> = {};
  for (const projection of projections) {
    if (projection.name === null) continue;
    const sources = projection.upstream.flatMap(({ table, column }) => {
      const name = tableNames.get(table?.toLowerCase() ?? '');
      return name === undefined || column === null ? [] : [`${name}.${column}`];
    });
    lineage[projection.name] = [...new Set(sources)].sort();
  }
  const words = new Set(tokens.map((token) => token.text.toLowerCase()));
  return {
    issues,
    outputs: projections.flatMap((projection) => (projection.name === null ? [] : [projection.name])),
    lineage,
    tables: visible.map((table) => table.name).filter((name) => words.has(name.toLowerCase())),
    parameters: parametersOf(tokens),
    normalForm: tokens.map((token) => `${token.type}:${token.text}`).join('\n'),
  };
}

/** MR104 (table), MR109 (column) and MR110 (cannot be parsed) of one SELECT. `file`: the place for issues. */
export function sqlIssues(sql: string, file: string, visible: readonly VisibleTable[]): Issue[] {
  const checked = validateWithSchema(sql, schemaOf(visible), 'spark', { checkTypes: false, checkReferences: true });
  return checked.errors.map((error) => issueOf(error, sql, file, visible));
}

const schemaOf = (visible: readonly VisibleTable[]) => ({
  tables: visible.map((table) => ({ name: table.name, columns: [...table.columns] })),
});

/** A node of the parser: an object with one property, whose name is its kind. */
export type SqlNode = { readonly [property: string]: unknown };

/** The query of a text with exactly one valid query. */
export function sqlTree(sql: string): SqlNode | undefined {
  const { ast } = parse(sql, Dialect.Spark) as unknown as { ast: SqlNode[] | null };
  return ast?.length === 1 ? withoutNulls(ast[0]!) : undefined;
}

/** Removes empty properties and comments. */
const withoutNulls = (node: SqlNode) =>
  JSON.parse(
    JSON.stringify(node, (name, value: unknown) => (value === null || name.endsWith('comments') ? undefined : value)),
  ) as SqlNode;

/** A place in a text as `file:line:column`. */
export const placeInSql = (sql: string, file: string, offset: number) => place(sql, file, offset);

/** Whether a predicate contains a subquery. */
export const hasQuery = (predicate: string) =>
  sqlTokens(predicate).some(({ text, type }) => type === 'T' && text.toLowerCase() === 'select');

/** Parameter names, written as `:name`, in a predicate or a SELECT. */
export function sqlParameters(sql: string): string[] {
  return parametersOf(sqlTokens(sql));
}

/** The place of an output column as `file:line:column`; only the file if it cannot be found. */
export function placeOfOutput(sql: string, file: string, column: string): string {
  const tokens = sqlTokens(sql);
  const last = tokens.filter((token) => token.text.toLowerCase() === column.toLowerCase()).at(-1);
  return last === undefined ? file : place(sql, file, last.start);
}

interface QueryAnalysis {
  analysis?: {
    projections: { name: string | null; upstream: { table: string | null; column: string | null }[] }[];
  };
}

interface RawToken {
  text: string;
  token_type: string;
  span: { start: number };
}

/** The tokens of a text, without comments. */
export function sqlTokens(sql: string): SqlToken[] {
  // The published types name this field tokenType, but the parser returns token_type.
  const tokens = (tokenize(sql, Dialect.Spark).tokens ?? []) as unknown as RawToken[];
  return tokens.map((token) => ({
    text: token.text,
    start: token.span.start,
    type: token.token_type === 'STRING' || token.token_type === 'QUOTED_IDENTIFIER' ? token.token_type : 'T',
  }));
}

function parametersOf(tokens: readonly SqlToken[]): string[] {
  const names = new Set<string>();
  tokens.forEach((token, i) => {
    const next = tokens[i + 1];
    const adjacent = next !== undefined && next.start === token.start + 1;
    if (token.text === ':' && token.type === 'T' && adjacent && /^[A-Za-z_]\w*$/.test(next.text)) names.add(next.text);
  });
  return [...names].sort();
}

function issueOf(
  error: { message: string; code?: string; line?: number | null; column?: number | null; start?: number | null },
  sql: string,
  file: string,
  visible: readonly VisibleTable[],
): Issue {
  const path = place(sql, file, error.start ?? 0);
  const unknown = /Unknown (column|table) '([^']+)'(?: in table '([^']+)')?/.exec(error.message);
  if (unknown === null) return { code: 'MR110', path, ...unparsed(sql, error.start ?? 0, error.message) };
  const [, what, name = '', table] = unknown;
  if (what === 'table') {
    const known = visible.map((t) => t.name);
    const hint = `${suggestion(name, known)}; a table must also be listed in reads`;
    return { code: 'MR104', path, message: `the SQL reads "${name}", which is not among its reads`, hint };
  }
  const columns = visible.find((t) => t.name === table)?.columns.map((c) => c.name);
  const known = columns ?? [...new Set(visible.flatMap((t) => t.columns.map((c) => c.name)))];
  return { code: 'MR109', path, message: `unknown column "${name}" in "${table}"`, hint: suggestion(name, known) };
}

/** Words that begin a part of a query, which one may misspell. */
const keywords = ['SELECT', 'DISTINCT', 'FROM', 'LEFT', 'JOIN', 'WHERE', 'GROUP', 'HAVING', 'UNION', 'ORDER', 'WITH'];

/** What the parser did not expect. If a word before that is nearly a keyword, the parser took it for an alias. */
function unparsed(sql: string, offset: number, message: string): { message: string; hint: string } {
  const tokens = sqlTokens(sql);
  const at = tokens.findIndex((token) => token.start === offset);
  const misspelt = tokens
    .slice(Math.max(0, at - 2), at + 1)
    .filter(({ type, text }) => type === 'T' && text.length > 3 && !keywords.includes(text.toUpperCase()))
    .flatMap(({ text }) => nearest(text, keywords)?.concat(` instead of ${text}`) ?? []);
  const found = at >= 0 && message.includes('Unexpected token') ? `unexpected "${tokens[at]!.text}"` : message;
  return {
    message: `the SQL cannot be parsed: ${found}`,
    hint: misspelt[0] ?? 'see https://spark.apache.org/docs/3.5.6/sql-ref-syntax-qry-select.html',
  };
}

function place(sql: string, file: string, offset: number): string {
  const before = sql.slice(0, offset).split('\n');
  return `${file}:${before.length}:${before.at(-1)!.length + 1}`;
}
