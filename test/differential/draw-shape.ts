import { compile } from '../../lib/plan/compile.ts';
import type { Plan } from '../../lib/plan/schema.ts';
import type { Chance } from './chance.ts';
import { definitionOf, idType } from './definition-of.ts';
import { type KeyType, keyTypes } from './key-types.ts';
import type { PipelineShape, RuleShape, ScopeShape, SourceShape, TableShape } from './story.ts';

/** A random pipeline with one to three sources and tables that read them, which the compiler accepts. */
export function drawShape(chance: Chance, size: 'small' | 'whole' = 'whole'): PipelineShape {
  const type: KeyType = chance.often(0.4) ? 'string' : chance.of(keyTypes);
  const [count, further] = size === 'small' ? [1, chance.int(0, 1)] : [chance.of([1, 1, 2, 2, 3]), chance.int(0, 2)];
  const shape: PipelineShape = { sources: [], tables: [] };
  for (let i = 0; i < count; i++) shape.sources.push(drawSource(`s${i}`, type, chance));
  for (const source of shape.sources) {
    add(shape, chance, (name) => ({ ...drawTable(name, shape, chance), kind: 'clean', from: [source.name] }));
  }
  for (let i = further; i > 0; i--) addFurther(shape, chance);
  return shape;
}

function drawSource(name: string, type: KeyType, chance: Chance): SourceShape {
  const format = chance.of(['csv', 'csv', 'json', 'parquet'] as const);
  return { name, format, id: type, more: chance.often(0.5) };
}

function addFurther(shape: PipelineShape, chance: Chance): void {
  const rows = shape.tables.filter((table) => table.kind === 'clean' || table.kind === 'pass');
  const keyed = rows.filter(isKeyedById).map((table) => table.name);
  const names = rows.map((table) => table.name);
  const drawn = (rest: (chance: Chance) => Pick<TableShape, 'kind' | 'from'> & Partial<TableShape>) =>
    add(shape, chance, (name) => ({ ...drawTable(name, shape, chance), ...rest(chance) }));
  const kind = chance.of(['pass', 'totals', 'totals', 'features', 'union'] as const);
  if (kind === 'features' && keyed.length > 0 && names.length > 1) {
    const base = chance.of(keyed);
    drawn(() => ({ kind, from: [base, chance.of(names.filter((name) => name !== base))], key: ['id'] }));
  } else if (kind === 'totals') {
    const by = chance.of(['id', 'g'] as const);
    const from = chance.of([...names, ...shape.sources.map((source) => source.name)]);
    drawn(() => ({ kind, from: [from], by, key: [by] }));
  } else {
    const from = kind === 'union' && names.length > 1 ? names.slice(0, 2) : [chance.of(names)];
    drawn(() => ({ kind: 'pass', from }));
  }
}

const isKeyedById = (table: TableShape) => table.key.length === 1 && table.key[0] === 'id';

function drawTable(name: string, shape: PipelineShape, chance: Chance): TableShape {
  const key = chance.of([[], ['id'], ['id'], ['id'], ['id', 'g'], ['g']]);
  return {
    name,
    kind: 'clean',
    from: [],
    scopes: {},
    trim: chance.often(0.6),
    by: 'id',
    key,
    latestBy: chance.of([[], ['at'], ['at'], ['v', 'at']]),
    partitionBy: chance.of([[], [], [], ['g']]),
    keep: chance.some<RuleShape>(['cut', 'before', 'small'], 0.25),
    quarantine: chance.some<RuleShape>(['has_id', 'small', 'known'], 0.4),
    constant: chance.int(0, 2),
    ...(chance.often(0.3) && lookupFor(shape, chance)),
  };
}

function lookupFor(shape: PipelineShape, chance: Chance): { lookup: string } | object {
  const keyed = shape.tables.filter(
    (table) => isKeyedById(table) && table.kind !== 'totals' && table.kind !== 'features',
  );
  return keyed.length === 0 ? {} : { lookup: chance.of(keyed).name };
}

/** Adds a table of that shape to the pipeline, with scopes that the compiler accepts; `all` if it accepts no other. */
function add(shape: PipelineShape, chance: Chance, draw: (name: string) => TableShape): void {
  const table = tidied(draw(`t${shape.tables.length}`), shape);
  for (let tries = 0; tries < 6; tries++) {
    table.scopes = drawScopes(table, chance);
    if (accepted({ ...shape, tables: [...shape.tables, table] }) !== undefined) break;
    table.scopes = {};
  }
  shape.tables.push(table);
  planOf(shape);
}

/** The shape without options that cannot be combined. */
function tidied(table: TableShape, shape: PipelineShape): TableShape {
  const rows = table.kind === 'clean' || table.kind === 'pass';
  const { lookup, ...rest } = table;
  const kept: TableShape = rows && lookup !== undefined && !table.from.includes(lookup) ? table : rest;
  const raw = shape.sources.some(({ name, format }) => format === 'csv' && table.from.includes(name));
  const textual = !raw || idType(table.from[0]!, shape) === 'string';
  return {
    ...kept,
    latestBy: rows && table.key.length > 0 ? table.latestBy : [],
    partitionBy: table.kind === 'totals' ? [] : table.partitionBy,
    quarantine: table.quarantine.filter((rule) => rule !== 'known' || (kept.lookup !== undefined && textual)),
    ...(table.kind === 'features' && { key: ['id'] }),
  };
}

export function drawScopes(table: TableShape, chance: Chance): Record<string, ScopeShape> {
  const key = chance.of<ScopeShape>(['affected:id', 'affected:id', 'affected:g']);
  const most = chance.of<ScopeShape>(['all', 'new', key, key, key]);
  const reads = [...table.from, ...(table.lookup === undefined ? [] : [table.lookup])];
  return Object.fromEntries(
    reads.map((name) => [
      name,
      chance.often(0.1) ? chance.of<ScopeShape>(['all', 'new', key]) : name === table.lookup ? 'all' : most,
    ]),
  );
}

/** The plan of a pipeline; undefined if the compiler refuses its scopes or keys. */
export function accepted(shape: PipelineShape): Plan | undefined {
  const { definition, sqlFiles } = definitionOf(shape);
  const { plan, issues } = compile(definition, sqlFiles, 'pipeline.ts');
  const others = issues.filter((issue) => issue.code !== 'MR107');
  if (others.length > 0)
    throw new Error(`the drawn pipeline is wrong: ${JSON.stringify({ others, shape }, undefined, 1)}`);
  return plan;
}

function planOf(shape: PipelineShape): Plan {
  const plan = accepted(shape);
  if (plan === undefined) throw new Error(`the drawn pipeline is refused: ${JSON.stringify(shape)}`);
  return plan;
}
