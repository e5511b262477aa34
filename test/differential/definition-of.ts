import type { ColumnSpec } from '../../lib/definition/columns.ts';
import type { AnyDefinition } from '../../lib/definition/index.ts';
import type { KeyType } from './key-types.ts';
import type { PipelineShape, RuleShape, ScopeShape, SourceShape, TableShape } from './story.ts';

/** The definition and the SQL files that a user would write for a shape. */
export function definitionOf(shape: PipelineShape): { definition: AnyDefinition; sqlFiles: Record<string, string> } {
  const sqlFiles: Record<string, string> = {};
  const tables: Record<string, unknown> = {};
  for (const table of shape.tables) {
    sqlFiles[`${table.name}.sql`] = sqlOf(table, shape);
    tables[table.name] = {
      layer: { clean: 'silver', pass: 'silver', totals: 'gold', features: 'feature' }[table.kind],
      sql: `${table.name}.sql`,
      reads: readsOf(table, shape),
      columns: columnsOf(table, shape),
      ...(table.key.length > 0 && { key: table.key }),
      ...(table.latestBy.length > 0 && { latestBy: table.latestBy }),
      ...(table.partitionBy.length > 0 && { partitionBy: table.partitionBy }),
      bounds: anyShare,
    };
  }
  const definition = {
    name: 'story',
    parameters: { cut: { type: 'bigint', default: 3 }, as_of: { type: 'date', default: '2025-01-02' } },
    sources: Object.fromEntries(shape.sources.map((source) => [source.name, sourceOf(source)])),
    tables,
  };
  return { definition: definition as unknown as AnyDefinition, sqlFiles };
}

export const columnTypesOf = (source: SourceShape): [string, KeyType][] => [
  ['id', source.id],
  ['g', 'string'],
  ['v', 'int'],
  ['at', 'timestamp'],
  ['note', 'string'],
  ['more', 'string'],
];

function sourceOf(source: SourceShape) {
  const listed = columnTypesOf(source).filter(([name]) => source.more || name !== 'more');
  const columns =
    source.format === 'csv'
      ? listed.map(([name]) => name)
      : Object.fromEntries(listed.map(([name, type]) => [name, `${type}?`]));
  return {
    format: source.format,
    path: `${source.name}/*.${source.format}`,
    columns,
    optional: true,
    bounds: anyShare,
  };
}

/** No bounds, because a day with only bad rows is a valid story. */
const anyShare = { quarantined: { error: 1 } };

/** The type of a table's id, which is that of the source of its rows. */
export function idType(name: string, shape: PipelineShape): KeyType {
  const source = shape.sources.find((each) => each.name === name);
  return source?.id ?? idType(shape.tables.find((each) => each.name === name)!.from[0]!, shape);
}

const sourceNamed = (name: string, shape: PipelineShape) => shape.sources.find((each) => each.name === name);

function columnsOf(table: TableShape, shape: PipelineShape): Record<string, ColumnSpec> {
  const id = idType(table.name, shape);
  const keyed = (name: string, type: KeyType): ColumnSpec => (table.key.includes(name) ? type : `${type}?`);
  switch (table.kind) {
    case 'totals':
      return {
        [table.by]: table.by === 'id' ? id : 'string',
        n: 'bigint',
        total: 'bigint?',
        last: 'timestamp?',
        some: 'string?',
      };
    case 'features':
      return { id, g: 'string', v: 'int?', n: 'bigint', total: 'bigint?' };
    default:
      return {
        id: keyed('id', id),
        g: 'string',
        v: 'int?',
        at: keyed('at', 'timestamp'),
        note: 'string?',
        ...(table.lookup !== undefined && { of_lookup: 'int?' }),
      };
  }
}

function readsOf(table: TableShape, shape: PipelineShape) {
  const use = (i: number) => (table.kind === 'totals' || (table.kind === 'features' && i === 1) ? 'aggregate' : 'rows');
  const reads: Record<string, unknown> = {};
  table.from.forEach((name, i) => {
    const keep = table.kind === 'features' && i === 0 ? [] : table.keep;
    reads[name] = {
      use: use(i),
      scope: scopeOf(table.scopes[name]),
      keep: { ...rules(keep, name, table, shape), ...obliged(table, name, i, shape) },
      quarantine: { ...typed(name, table, shape), ...rules(table.quarantine, name, table, shape) },
    };
  });
  if (table.lookup !== undefined) reads[table.lookup] = { use: 'lookup', scope: scopeOf(table.scopes[table.lookup]) };
  return reads;
}

function scopeOf(scope: ScopeShape = 'all') {
  return scope.startsWith('affected:') ? { affected: scope.slice('affected:'.length) } : scope;
}

/** Rows that an aggregate cannot count are dropped by a named rule. */
function obliged(table: TableShape, name: string, i: number, shape: PipelineShape) {
  if (table.kind === 'features' && i === 1) return { has_features: { column: 'id', isIn: table.from[0]! } };
  if (table.kind === 'totals') return { has_group: `${groupOf(table, name, shape)} IS NOT NULL` };
  return {};
}

/** Quarantine rules for text that should be a number or a time. */
function typed(name: string, table: TableShape, shape: PipelineShape) {
  const source = sourceNamed(name, shape);
  if (source?.format !== 'csv' || table.kind === 'totals') return {};
  return {
    ...(source.id !== 'string' && {
      id_is_typed: `trim(id) IS NULL OR try_cast(trim(id) AS ${sqlType[source.id]}) IS NOT NULL`,
    }),
    v_is_a_number: 'v IS NULL OR try_cast(trim(v) AS INT) IS NOT NULL',
    at_is_a_time: 'at IS NULL OR try_cast(trim(at) AS TIMESTAMP) IS NOT NULL',
  };
}

function rules(names: readonly RuleShape[], name: string, table: TableShape, shape: PipelineShape) {
  const source = sourceNamed(name, shape);
  const text = source?.format === 'csv';
  const v = text ? 'try_cast(trim(v) AS INT)' : 'v';
  const at = text ? 'try_cast(trim(at) AS TIMESTAMP)' : 'at';
  const texts: Record<Exclude<RuleShape, 'known'>, string> = {
    has_id: text || idType(name, shape) === 'string' ? "trim(id) <> ''" : 'id IS NOT NULL',
    small: `coalesce(${v}, 0) < 90`,
    cut: `coalesce(${v}, 0) > :cut - 5`,
    before: `${at} IS NULL OR ${at} <= CAST(:as_of AS TIMESTAMP)`,
  };
  const entries = names.flatMap((rule): [string, unknown][] => {
    if (rule !== 'known') return [[rule, texts[rule]]];
    return table.lookup === undefined ? [] : [[rule, { column: 'id', isIn: table.lookup }]];
  });
  return Object.fromEntries(entries);
}

const sqlType: Record<KeyType, string> = {
  string: 'STRING',
  boolean: 'BOOLEAN',
  int: 'INT',
  bigint: 'BIGINT',
  double: 'DOUBLE',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
};

function sqlOf(table: TableShape, shape: PipelineShape): string {
  switch (table.kind) {
    case 'clean':
    case 'pass': {
      const parts = table.from.map((name) => rowsSql(table, name, shape));
      if (table.lookup === undefined) return parts.join('\nUNION ALL\n');
      return (
        `WITH everything AS (\n${parts.join('\nUNION ALL\n')}\n)\n` +
        `SELECT e._row, e.id, e.g, e.v, e.at, e.note, l.v AS of_lookup\n` +
        `FROM everything e LEFT JOIN ${table.lookup} l ON l.id = e.id`
      );
    }
    case 'totals':
      return totalsSql(table, shape);
    case 'features':
      return featuresSql(table);
    default:
      return table.kind satisfies never;
  }
}

function rowsSql(table: TableShape, name: string, shape: PipelineShape): string {
  const source = sourceNamed(name, shape);
  const v = source?.format === 'csv' ? 'CAST(trim(v) AS INT)' : 'v';
  const at = source?.format === 'csv' ? 'CAST(trim(at) AS TIMESTAMP)' : 'at';
  const g = source === undefined ? 'g' : "coalesce(nullif(trim(g), ''), 'none')";
  return `SELECT _row, ${idSql(table, name, shape)} AS id, ${g} AS g, ${v} + ${table.constant} AS v, ${at} AS at, note FROM ${name}`;
}

function idSql(table: TableShape, name: string, shape: PipelineShape): string {
  const source = sourceNamed(name, shape);
  const type = idType(name, shape);
  if (type === 'string') return table.trim ? 'trim(id)' : 'id';
  return source?.format === 'csv' ? `CAST(trim(id) AS ${sqlType[type]})` : 'id';
}

function groupOf(table: TableShape, name: string, shape: PipelineShape): string {
  if (table.by === 'g') return 'g';
  const raw = sourceNamed(name, shape)?.format === 'csv';
  const cast = `try_cast(trim(id) AS ${sqlType[idType(name, shape)]})`;
  return raw && idType(name, shape) !== 'string' ? cast : idSql(table, name, shape);
}

function totalsSql(table: TableShape, shape: PipelineShape): string {
  const [name] = table.from as [string];
  const raw = sourceNamed(name, shape)?.format === 'csv';
  const v = raw ? 'try_cast(trim(v) AS INT)' : 'v';
  const at = raw ? 'try_cast(trim(at) AS TIMESTAMP)' : 'at';
  const group = groupOf(table, name, shape);
  return (
    `SELECT ${group} AS ${table.by}, count(*) AS n, CAST(sum(CAST(${v} AS BIGINT)) AS BIGINT) + ${table.constant} AS total, ` +
    `max(${at}) AS last, min(note) AS some, count(*) AS _rows_${name}\nFROM ${name}\nGROUP BY ${group}`
  );
}

function featuresSql({ from, constant }: TableShape): string {
  const [base, counted] = from as [string, string];
  return (
    `WITH counted AS (SELECT id, count(*) AS n, sum(CAST(v AS BIGINT)) AS total FROM ${counted} GROUP BY id)\n` +
    `SELECT b._row, coalesce(c.n, 0) AS _rows_${counted}, b.id, b.g, b.v, coalesce(c.n, 0) + ${constant} AS n, c.total\n` +
    `FROM ${base} b LEFT JOIN counted c ON c.id = b.id`
  );
}
