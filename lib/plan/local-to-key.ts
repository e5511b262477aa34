import type { SqlNode } from './sql.ts';
import {
  joinsByKey,
  keyOf,
  kindOf,
  list,
  mentions,
  NotLocal,
  nameOf,
  nodes,
  type Relation,
  type Scope,
  type Seen,
} from './sql-relations.ts';

/**
 * Proves what incremental runs rely on: over the rows of some keys, a SELECT returns the same rows for these keys as over all rows. It
 * refuses SQL that it does not understand. `moving`: the tables that such a run reads partially, each with its key column, or without
 * one if it reads appended rows.
 *
 * Returns the output columns, and which of them are the key or `trim` of it. Throws NotLocal at the first place that breaks the property.
 */
export function localToKey(
  tree: SqlNode,
  tables: readonly { name: string; columns: readonly string[]; moving: boolean; key?: string }[],
): Relation {
  const known = new Map<string, Relation>();
  for (const { name, columns, moving, key } of tables) {
    known.set(name.toLowerCase(), { moving, columns, keys: new Set(key === undefined ? [] : [key.toLowerCase()]) });
  }
  return query(tree, known);
}

type Known = ReadonlyMap<string, Relation>;

const nothing: ReadonlySet<string> = new Set();

/** Properties of a SELECT that never make a row of one key depend on rows of another. */
const harmless = new Set([
  ...['expressions', 'from', 'joins', 'lateral_views', 'where_clause', 'group_by', 'having', 'qualify', 'windows'],
  ...['order_by', 'sort_by', 'distribute_by', 'cluster_by', 'distinct', 'with', 'hint'],
]);

function query(node: SqlNode, known: Known): Relation {
  const [kind, body] = kindOf(node);
  switch (kind) {
    case 'select':
      return select(body, withCtes(body, known));
    case 'union':
    case 'intersect':
    case 'except':
      return combined(kind, body, withCtes(body, known));
    case 'subquery':
    case 'paren':
      return bounded(body, query(nodes(body['this'])[0]!, withCtes(body, known)));
    default:
      return unread(node, known, 'this form of a query');
  }
}

/** A node whose rows are the same in every run, if it names no partially read table. */
function unread(node: SqlNode, known: Known, what: string): Relation {
  const names = movingNames(known);
  if (mentions(node, names)) throw new NotLocal(`${what} reads ${[...names].join(' or ')}`, node);
  return { moving: false, columns: [], keys: nothing };
}

const movingNames = (known: Known) => new Set([...known].filter(([, { moving }]) => moving).map(([name]) => name));

function withCtes(body: SqlNode, known: Known): Known {
  const clause = body['with'] as SqlNode | undefined;
  if (clause === undefined) return known;
  const all = new Map(known);
  for (const cte of list(clause['ctes'])) {
    if (clause['recursive'] === true) unread(cte, all, 'a recursive WITH');
    const relation = query(nodes(cte['this'])[0]!, all);
    all.set(nameOf(cte['alias'])!.toLowerCase(), renamed(relation, list(cte['columns'])));
  }
  return all;
}

/** A relation with renamed columns, `AS t (a, b)`. */
function renamed(relation: Relation, names: readonly unknown[]): Relation {
  if (names.length === 0) return relation;
  const columns = names.map((name) => nameOf(name)!.toLowerCase());
  const keys = new Set(columns.filter((_, i) => relation.keys.has(relation.columns[i] ?? '')));
  return { ...relation, columns, keys };
}

/** LIMIT takes some of all rows, so the result depends on every key. */
function bounded(body: SqlNode, relation: Relation): Relation {
  const bound = ['limit', 'offset', 'fetch', 'top', 'sample', 'limit_by'].find((name) => body[name] !== undefined);
  if (bound !== undefined && relation.moving)
    throw new NotLocal(`${bound.toUpperCase()} takes some rows of all keys`, body);
  return relation;
}

function combined(kind: string, body: SqlNode, known: Known): Relation {
  const [left, right] = ['left', 'right'].map((side) => query(nodes(body[side])[0]!, known)) as [Relation, Relation];
  if (!left.moving && !right.moving) return { ...left, keys: nothing };
  if (!left.moving || !right.moving) {
    throw new NotLocal(`${kind.toUpperCase()} combines rows of some keys with rows of all keys`, body);
  }
  const keys = new Set(left.columns.filter((name, i) => left.keys.has(name) && right.keys.has(right.columns[i] ?? '')));
  if (kind !== 'union' && keys.size === 0) throw new NotLocal(`${kind.toUpperCase()} without the key`, body);
  return bounded(body, { moving: true, columns: left.columns, keys });
}

function select(body: SqlNode, known: Known): Relation {
  const scope = joined(body, known);
  const moving = scope.seen.some((each) => each.relation.moving);
  const tables = movingNames(known);
  // Tables in FROM are proved there; queries inside expressions are not.
  for (const part of ['expressions', 'where_clause', 'having', 'qualify', 'group_by', 'lateral_views']) {
    for (const expression of nodes(body[part])) if (mentions(expression, tables)) throw queryInside(expression);
  }
  if (!moving) return { moving: false, columns: outputs(body, scope).map(([name]) => name), keys: nothing };
  const strange = Object.keys(body).find(
    (name) => !harmless.has(name) && body[name] !== undefined && !empty(body[name]),
  );
  bounded(body, { moving, columns: [], keys: nothing });
  if (strange !== undefined) throw new NotLocal(`${strange} is not supported in incremental SQL`, body);
  checkGroups(body, scope);
  checkWindows(body, scope);
  const columns = outputs(body, scope);
  const names = columns.map(([name]) => name);
  const keys = names.filter((name) => columns.every(([other, key]) => key || other !== name));
  return { moving: true, columns: names, keys: new Set(keys) };
}

const queryInside = (at: SqlNode) => new NotLocal('a query inside an expression reads rows of other keys', at);

const empty = (value: unknown) => value === null || value === false || (Array.isArray(value) && value.length === 0);

/** The relations of FROM, joined from left to right. */
function joined(body: SqlNode, known: Known): Scope {
  const scope: Scope = { seen: [], using: new Set() };
  const from = body['from'] as SqlNode | undefined;
  for (const item of list(from?.['expressions'])) join(scope, source(item, known), 'Cross', undefined, [], item);
  for (const each of list(body['joins'])) {
    const on = each['on'] as SqlNode | undefined;
    if (on !== undefined && mentions(on, movingNames(known))) throw queryInside(on);
    const using = list(each['using']).map((name) => nameOf(name)!.toLowerCase());
    const right = source(each['this'] as SqlNode, known);
    join(scope, right, String(each['kind']), on, using, each);
  }
  return scope;
}

function source(item: SqlNode, known: Known): Seen {
  const [kind, body] = kindOf(item);
  const names = list(body['column_aliases']);
  if (kind === 'table') {
    const name = nameOf(body['name'])!.toLowerCase();
    const relation = known.get(name) ?? { moving: false, columns: [], keys: nothing };
    const sampled = ['table_sample', 'when', 'changes', 'version'].some((part) => body[part] !== undefined);
    if (sampled && relation.moving) throw new NotLocal('a sample takes some rows of all keys', item);
    return { alias: (nameOf(body['alias']) ?? name).toLowerCase(), relation: renamed(relation, names), sure: true };
  }
  const alias = (nameOf(body['alias']) ?? '').toLowerCase();
  const relation = kind === 'subquery' ? renamed(query(item, known), names) : unread(item, known, 'this part of FROM');
  return { alias, relation, sure: true };
}

/** Adds a relation on the right. Rows of different keys may not meet, and an outer join may not bring back rows of all keys. */
function join(scope: Scope, right: Seen, kind: string, on: SqlNode | undefined, using: string[], at: SqlNode): void {
  const left = scope.seen.filter(({ relation }) => relation.moving);
  const first = scope.seen.length === 0;
  const both = left.length > 0 && right.relation.moving;
  const semi = kind === 'LeftSemi' || kind === 'LeftAnti' || kind === 'Semi' || kind === 'Anti';
  if (both && !joinsByKey(scope, right, on, using)) {
    throw new NotLocal(`rows of different keys meet: "${right.alias}" is not joined on the key`, at);
  }
  if (!first && !both && (left.length > 0 || right.relation.moving)) {
    const all = left.length > 0 ? right.alias : scope.seen[0]!.alias;
    const comesBack = kind === 'Full' || (left.length > 0 ? kind === 'Right' : kind === 'Left' || semi);
    if (comesBack) throw new NotLocal(`a join keeps every row of "${all}", even rows of keys that are not read`, at);
  }
  if (!['Cross', 'Inner', 'Left', 'Right', 'Full', 'LeftSemi', 'LeftAnti', 'Semi', 'Anti'].includes(kind)) {
    if (left.length > 0 || right.relation.moving)
      throw new NotLocal(`a ${kind} join is not supported in incremental SQL`, at);
  }
  if (kind === 'Right' || kind === 'Full') for (const each of scope.seen) each.sure = false;
  if (semi) return;
  for (const name of using) scope.using.add(name);
  scope.seen.push({ ...right, sure: kind !== 'Left' && kind !== 'Full' });
}

function checkGroups(body: SqlNode, scope: Scope): void {
  const group = body['group_by'] as SqlNode | undefined;
  if (group === undefined) return;
  const selected = list(body['expressions']);
  const grouped = (group['all'] === true ? selected : list(group['expressions'])).map((each) => {
    const [kind, literal] = kindOf(each);
    // GROUP BY 1 means the first column.
    return kind === 'literal' ? (selected[Number(literal['value']) - 1] ?? each) : each;
  });
  const several = ['rollup', 'cube', 'grouping_sets'];
  const sets = grouped.find((each) => several.includes(kindOf(each)[0]) || each['totals'] !== undefined);
  if (sets !== undefined) throw new NotLocal('GROUP BY combines several keys', sets);
  if (!grouped.some((each) => isKey(each, scope))) throw new NotLocal('GROUP BY does not contain the key', body);
}

function checkWindows(body: SqlNode, scope: Scope): void {
  const named = new Map(list(body['windows']).map((each) => [nameOf(each['name'])!, each['spec'] as SqlNode]));
  const parts = ['expressions', 'qualify', 'order_by'].flatMap((part) => nodes(body[part]));
  for (const window of parts.flatMap((part) => all(part, 'window_function'))) {
    const over = (window['over'] ?? {}) as SqlNode;
    const base = over['window_name'] === undefined ? undefined : named.get(nameOf(over['window_name'])!);
    const partition = [...list(over['partition_by']), ...list(base?.['partition_by'])];
    if (!partition.some((each) => isKey(each, scope))) {
      throw new NotLocal('a window spans rows of several keys: PARTITION BY does not contain the key', window);
    }
  }
}

function all(node: SqlNode, kind: string): SqlNode[] {
  const here = node[kind] !== undefined && typeof node[kind] === 'object' ? [node[kind] as SqlNode] : [];
  return [...here, ...Object.values(node).flatMap((value) => nodes(value).flatMap((inner) => all(inner, kind)))];
}

/** Output columns, and whether each is the key. */
function outputs(body: SqlNode, scope: Scope): [name: string, key: boolean][] {
  return list(body['expressions']).flatMap((expression): [string, boolean][] => {
    const [kind, inner] = kindOf(expression);
    if (kind === 'star') {
      const table = nameOf(inner['table'])?.toLowerCase();
      const items = scope.seen.filter(({ alias }) => table === undefined || alias === table);
      return items.flatMap(({ relation, sure }): [string, boolean][] =>
        relation.columns.map((column) => [column, sure && relation.keys.has(column)]),
      );
    }
    const value = kind === 'alias' ? nodes(inner['this'])[0]! : expression;
    const name = kind === 'alias' ? nameOf(inner['alias']) : nameOf((kindOf(value)[1] as SqlNode)['name']);
    return [[(name ?? '').toLowerCase(), isKey(value, scope)]];
  });
}

/** Whether an expression is the key of its row, or `trim` of it, and null only if the key is null. */
const isKey = (expression: SqlNode, scope: Scope) => keyOf(expression, scope)?.sure === true;
