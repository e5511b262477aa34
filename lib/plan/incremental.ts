import type { Issue } from '../errors.ts';
import { localToKey } from './local-to-key.ts';
import type { Column, ColumnType, Read } from './schema.ts';
import { hasQuery, placeInSql, sqlTree } from './sql.ts';
import { NotLocal } from './sql-relations.ts';

/** A table that is read, with all columns that its readers see. */
interface Upstream {
  name: string;
  columns: readonly { name: string; type: ColumnType }[];
}

/**
 * What keeps an incremental run of a transform from giving the rows of a full one. MR107, each with its place: a rule or a part of the
 * SQL by which rows of one key depend on rows of another, an output key that is not the key that is read by, a key of two types.
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

/** A rule must judge a row by itself, or by a table of which every run sees what counts. */
function ruleIssues(name: string, read: Read, reads: readonly Read[], place: string): Issue[] {
  const path = `${place}  tables.${name}.reads.${read.table}`;
  return [...read.keep, ...read.quarantine].flatMap((rule): Issue[] => {
    if ('sql' in rule) {
      if (!hasQuery(rule.sql)) return [];
      const message = `rule "${rule.name}" has a query of its own, whose answer may change for rows that no run reads again`;
      return [{ code: 'MR107', path, message, hint: "use a rule { column, isIn }, or scope 'all'" }];
    }
    const other = reads.find(({ table }) => table === rule.isIn);
    const scope = other?.scope ?? 'all';
    const byKey =
      typeof scope === 'object' &&
      typeof read.scope === 'object' &&
      [scope.affected, read.scope.affected].every((key) => key === rule.column);
    if (scope === 'all' || byKey) return [];
    const message = `rule "${rule.name}" looks for "${rule.column}" in "${rule.isIn}", of which new rows change the answer for rows that no run reads again`;
    const hint =
      typeof scope === 'object'
        ? `look for "${scope.affected}", or read "${rule.isIn}" with scope 'all'`
        : `read "${rule.isIn}" with scope 'all'`;
    return [{ code: 'MR107', path, message, hint }];
  });
}

/** Keys are compared as values of one type: a key that one table has as text and another as a number would be two keys. */
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
    const of = upstream.find((each) => each.name === table)?.columns.find((column) => column.name === key)?.type;
    if (of === undefined || type === undefined || of === type) return [];
    const path = `${place}  tables.${name}.columns.${key}`;
    const message = `"${key}" is ${type} in "${name}" and ${of} in "${table}", so the keys that changed cannot be compared`;
    return [{ code: 'MR107', path, message, hint: `make it ${of} in both, or read "${table}" with scope 'all'` }];
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
    if (tree === undefined) throw new NotLocal('it is more than one query', {});
    const { keys } = localToKey(tree, tables);
    if (key === undefined || keys.has(key.toLowerCase())) return [];
    const message = `"${name}" is read by ${scope}, but "${key}" in its SQL is not the "${key}" of every table that is read so`;
    return [
      {
        code: 'MR107',
        path: file,
        message,
        hint: `select ${key} or trim(${key}) AS ${key}, and clean it in a table before, or use scope 'all'`,
      },
    ];
  } catch (error) {
    if (!(error instanceof NotLocal)) throw error;
    const path = placeInSql(sql, file, error.start);
    const reads = key === undefined ? 'appends the new rows only' : `computes the keys that changed only`;
    return [{ code: 'MR107', path, message: `a run of "${name}" ${reads} (scope ${scope}): ${error.message}`, hint }];
  }
}
