import type { Issue } from '../errors.ts';
import { localToKey } from './local-to-key.ts';
import type { Column, ColumnType, Read } from './schema.ts';
import { hasQuery, placeInSql, sqlTree } from './sql.ts';
import { NotLocal } from './sql-relations.ts';

/** An upstream table with all columns that its readers see. */
interface Upstream {
  name: string;
  columns: readonly { name: string; type: ColumnType }[];
}

/**
 * MR107 for everything that could make an incremental run of a transform differ from a full one: a rule or a part of the SQL through
 * which rows of one key depend on rows of another, an output key that differs from the read key, a key of two types.
 */
export function incrementalIssues(
  {
    name,
    columns,
    place,
    sql,
    file,
  }: { name: string; columns: readonly Column[]; place: string; sql: string; file: string },
  reads: readonly Read[],
  upstream: readonly Upstream[],
): Issue[] {
  const moving = reads.filter((read) => read.scope !== 'all');
  if (moving.length === 0) return [];
  const issues = moving.flatMap((read) => ruleIssues(name, read, reads, place));
  const key = moving.map(({ scope }) => (typeof scope === 'object' ? scope.affected : undefined)).find(Boolean);
  if (key !== undefined) issues.push(...typeIssues(name, key, columns, moving, upstream, place));
  if (issues.length > 0) return issues;
  return [...sqlIssues(name, key, moving, upstream, sql, file)];
}

/** A rule must depend only on the row itself, or on a table that every run reads as far as it matters. */
function ruleIssues(name: string, read: Read, reads: readonly Read[], place: string): Issue[] {
  const path = `${place}  tables.${name}.reads.${read.table}`;
  return [...read.keep, ...read.quarantine].flatMap((rule): Issue[] => {
    if ('sql' in rule) {
      if (!hasQuery(rule.sql)) return [];
      const message = `rule "${rule.name}" contains a query, whose result may change for rows that no run reads again`;
      return [{ code: 'MR107', path, message, hint: "use a rule { column, isIn }, or scope 'all'" }];
    }
    const other = reads.find(({ table }) => table === rule.isIn);
    const scope = other?.scope ?? 'all';
    const byKey =
      typeof scope === 'object' &&
      typeof read.scope === 'object' &&
      [scope.affected, read.scope.affected].every((key) => key === rule.column);
    if (scope === 'all' || byKey) return [];
    const message = `rule "${rule.name}" looks up "${rule.column}" in "${rule.isIn}", whose new rows may change the result for rows that no run reads again`;
    const hint =
      typeof scope === 'object'
        ? `look up "${scope.affected}", or read "${rule.isIn}" with scope 'all'`
        : `read "${rule.isIn}" with scope 'all'`;
    return [{ code: 'MR107', path, message, hint }];
  });
}

/** Keys are compared as values of one type: a key that is text in one table and a number in another would be two keys. */
function typeIssues(
  name: string,
  key: string,
  columns: readonly Column[],
  moving: readonly Read[],
  upstream: readonly Upstream[],
  place: string,
): Issue[] {
  const type = columns.find((column) => column.name === key)?.type;
  return moving.flatMap(({ table }): Issue[] => {
    const expected = upstream.find((each) => each.name === table)?.columns.find((column) => column.name === key)?.type;
    if (expected === undefined || type === undefined || expected === type) return [];
    const path = `${place}  tables.${name}.columns.${key}`;
    const message = `"${key}" is ${type} in "${name}" and ${expected} in "${table}", so changed keys cannot be compared`;
    return [{ code: 'MR107', path, message, hint: `make it ${expected} in both, or read "${table}" with scope 'all'` }];
  });
}

function sqlIssues(
  name: string,
  key: string | undefined,
  moving: readonly Read[],
  upstream: readonly Upstream[],
  sql: string,
  file: string,
): Issue[] {
  const tree = sqlTree(sql);
  const tables = upstream.map((each) => ({
    name: each.name,
    columns: each.columns.map((column) => column.name.toLowerCase()),
    moving: moving.some(({ table }) => table === each.name),
    ...(key !== undefined && { key }),
  }));
  const scope = key === undefined ? 'new' : `affected('${key}')`;
  const hint = `rewrite it so that each row depends on rows of its own key only, or use scope 'all'`;
  try {
    if (tree === undefined) throw new NotLocal('it contains more than one query', {});
    const { keys } = localToKey(tree, tables);
    if (key === undefined || keys.has(key.toLowerCase())) return [];
    const message = `"${name}" reads by ${scope}, but "${key}" in its SQL is not the "${key}" of every table that it reads this way`;
    return [
      {
        code: 'MR107',
        path: file,
        message,
        hint: `select ${key} or trim(${key}) AS ${key}, and clean it in an upstream table, or use scope 'all'`,
      },
    ];
  } catch (error) {
    if (!(error instanceof NotLocal)) throw error;
    const path = placeInSql(sql, file, error.start);
    const reads = key === undefined ? 'appends only new rows' : `computes only changed keys`;
    return [{ code: 'MR107', path, message: `a run of "${name}" ${reads} (scope ${scope}): ${error.message}`, hint }];
  }
}
