import type { SqlNode } from './sql.ts';

/** The result of a part of a query. All names are in lower case. */
export interface Relation {
  /** Whether an incremental run reads only a part of its input. */
  moving: boolean;
  columns: readonly string[];
  /** Columns that are the key of their row, or `trim` of it. */
  keys: ReadonlySet<string>;
}

/** A relation in FROM. */
export interface Seen {
  alias: string;
  relation: Relation;
  /** False if an outer join may make its columns null. */
  sure: boolean;
}

/** The scope of the expressions of a SELECT. */
export interface Scope {
  seen: Seen[];
  /** Columns merged by USING. */
  using: Set<string>;
}

/** A place in the SQL where rows of one key depend on rows of another. */
export class NotLocal extends Error {
  override readonly name = 'NotLocal';
  readonly start: number;
  constructor(message: string, at: SqlNode) {
    super(message);
    this.start = startOf(at) ?? 0;
  }
}

/** The key that an expression represents, if any: `k`, `trim(k)`, or `coalesce` of the keys of relations joined by it. */
export function keyOf(expression: SqlNode, scope: Scope): { sure: boolean; aliases: string[] } | undefined {
  const [kind, body] = kindOf(expression);
  switch (kind) {
    case 'paren':
      return keyOf(nodes(body['this'])[0]!, scope);
    case 'trim':
      // trim(BOTH 'x' FROM k) removes more than blanks, ltrim and rtrim less.
      if (body['characters'] != null || body['position'] !== 'Both') return undefined;
      return keyOf(nodes(body['this'])[0]!, scope);
    case 'column':
      return keyColumn(body, scope);
    case 'coalesce': {
      const keys = list(body['expressions']).map((each) => keyOf(each, scope));
      if (keys.length === 0 || keys.includes(undefined)) return undefined;
      const aliases = keys.flatMap((key) => key!.aliases);
      const moving = scope.seen.filter(({ relation }) => relation.moving);
      const sure = keys.some((key) => key!.sure) || moving.every(({ alias }) => aliases.includes(alias));
      return { sure, aliases };
    }
    default:
      return undefined;
  }
}

function keyColumn(column: SqlNode, scope: Scope): { sure: boolean; aliases: string[] } | undefined {
  const name = nameOf(column['name'])!.toLowerCase();
  const table = nameOf(column['table'])?.toLowerCase();
  const holders = scope.seen.filter(({ alias, relation }) =>
    table === undefined ? relation.columns.includes(name) : alias === table,
  );
  const keyed = holders.filter(({ relation }) => relation.keys.has(name));
  if (keyed.length === 0) return undefined;
  if (table === undefined && scope.using.has(name)) {
    const moving = holders.filter(({ relation }) => relation.moving);
    return moving.length === keyed.length ? { sure: true, aliases: keyed.map(({ alias }) => alias) } : undefined;
  }
  return holders.length === 1 ? { sure: keyed[0]!.sure, aliases: [keyed[0]!.alias] } : undefined;
}

/** Whether a join requires that the key of its right side equals that of a relation on the left. */
export function joinsByKey(scope: Scope, right: Seen, on: SqlNode | undefined, using: readonly string[]): boolean {
  const left = scope.seen.filter(({ relation }) => relation.moving);
  if (using.some((name) => right.relation.keys.has(name) && left.some(({ relation }) => relation.keys.has(name)))) {
    return true;
  }
  const both = { seen: [...scope.seen, right], using: scope.using };
  return (on === undefined ? [] : conjuncts(on)).some((each) => {
    const [kind, body] = kindOf(each);
    if (kind !== 'eq' && kind !== 'null_safe_eq') return false;
    const sides = ['left', 'right'].map((side) => keyOf(body[side] as SqlNode, both));
    const [one, other] = sides;
    if (one === undefined || other === undefined) return false;
    const across = [one, other].filter(({ aliases }) => aliases.includes(right.alias)).length === 1;
    // A key that is null because of an outer join is not a null key.
    return across && (kind === 'eq' || (one.sure && other.sure));
  });
}

function conjuncts(condition: SqlNode): SqlNode[] {
  const [kind, body] = kindOf(condition);
  if (kind === 'paren') return nodes(body['this']).flatMap(conjuncts);
  if (kind === 'and') return [body['left'], body['right']].flatMap((side) => conjuncts(side as SqlNode));
  return [condition];
}

/** Whether a part of a query names one of these tables. */
export function mentions(node: SqlNode, names: ReadonlySet<string>): boolean {
  const table = node['table'] as SqlNode | undefined;
  // For a column, `table` is the name itself.
  const name = typeof table?.['name'] === 'object' ? nameOf(table['name']) : undefined;
  if (name !== undefined && names.has(name.toLowerCase())) return true;
  return Object.values(node).some((value) => nodes(value).some((inner) => mentions(inner, names)));
}

/** A node is an object with one property, whose name is its kind. */
export function kindOf(node: SqlNode): [kind: string, body: SqlNode] {
  const [kind, body] = Object.entries(node).find(([, value]) => typeof value === 'object' && value !== null) ?? [];
  return kind === undefined ? ['', {}] : [kind, body as SqlNode];
}

/** An identifier is `{ name, quoted, span }`. */
export function nameOf(identifier: unknown): string | undefined {
  if (typeof identifier === 'string') return identifier;
  const name = (identifier as SqlNode | null | undefined)?.['name'];
  return typeof name === 'string' ? name : undefined;
}

export const list = (value: unknown): SqlNode[] => (Array.isArray(value) ? (value as SqlNode[]) : []);

export function nodes(value: unknown): SqlNode[] {
  if (Array.isArray(value)) return value.flatMap(nodes);
  return typeof value === 'object' && value !== null ? [value as SqlNode] : [];
}

function startOf(node: SqlNode): number | undefined {
  const span = node['span'] as { start?: number } | undefined;
  const inner = Object.entries(node).flatMap(([name, value]) => (name === 'span' ? [] : nodes(value)));
  const starts = [span?.start, ...inner.map(startOf)].filter((start) => start !== undefined);
  return starts.length === 0 ? undefined : Math.min(...starts);
}
