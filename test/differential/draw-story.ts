import { Chance } from './chance.ts';
import { changed } from './changed.ts';
import { accepted, drawScopes, drawShape } from './draw-shape.ts';
import type { KeyType } from './key-types.ts';
import type { Cell, Change, Day, Edit, PipelineShape, Row, SourceShape, Story } from './story.ts';
import { fileNames, groups, keys, notes, times } from './values.ts';

/** The size of a random story: a small one has one source, at most two tables and two days. */
export type Size = 'small' | 'whole';

/** A random pipeline and its days, from one seed. */
export function drawStory(seed: number, size: Size = 'whole'): Story {
  const chance = new Chance(seed);
  const pipeline = drawShape(chance, size);
  const count = size === 'small' ? 2 : 4;
  const ids = idsOf(pipeline.sources[0]!.id, chance);
  const names = Array.from({ length: size === 'small' ? 2 : 4 }, () => chance.of(fileNames));
  const days: Day[] = [];
  let shape = pipeline;
  for (let i = 0; i < count; i++) {
    const day = drawDay(shape, { size, ids, names, first: i === 0, last: i === count - 1 }, chance);
    shape = changed(shape, day.changes);
    days.push(day);
  }
  return { seed, pipeline, days };
}

/** A few keys, so that rows join. Text keys that look alike are likely to be drawn together. */
function idsOf(type: KeyType, chance: Chance): Cell[] {
  return [null, ...Array.from({ length: chance.int(3, 8) }, () => chance.of(keys[type]))];
}

interface Setting {
  size: Size;
  ids: readonly Cell[];
  names: readonly string[];
  first: boolean;
  last: boolean;
}

function drawDay(shape: PipelineShape, setting: Setting, chance: Chance): Day {
  const edits = shape.sources.flatMap((source) => {
    const count = setting.first ? chance.int(1, 2) : chance.of(setting.size === 'small' ? [1, 2, 2] : [0, 1, 1, 2]);
    const drawn = Array.from({ length: count }, () => drawEdit(source, setting, chance));
    // An empty first day tests little.
    if (!setting.first || (setting.size === 'whole' && chance.often(0.1))) return drawn;
    const rows = Array.from({ length: chance.int(3, 7) }, () => drawRow(source, setting.ids, chance));
    const others = setting.size === 'small' ? [] : drawn.slice(1);
    return [{ do: 'write' as const, source: source.name, file: drawn[0]!.file, rows }, ...others];
  });
  const tables = shape.tables.map((table) => table.name);
  const later = !setting.first;
  const force = later && chance.often(0.08) ? [chance.of([...tables, ...shape.sources.map(({ name }) => name)])] : [];
  const lost = later && chance.often(0.2) ? chance.of(folders(shape)) : [];
  return {
    edits,
    changes: later && chance.often(0.25) ? drawChange(shape, chance) : [],
    lost,
    parameters: chance.often(0.1) ? { cut: chance.int(0, 6) } : chance.often(0.1) ? { as_of: '2025-01-01' } : {},
    force,
    ...(!setting.last && chance.often(0.4) && { keepGone: true as const }),
    ...(chance.often(0.2) && {
      kill: {
        seam: chance.int(1, 25),
        after: setting.last ? 'retry' : chance.of(['retry', 'abort', 'vanish'] as const),
      },
    }),
  };
}

/** What may be lost in one step. */
function folders(shape: PipelineShape): string[][] {
  const tables = shape.tables.map(({ name, kind }) => {
    const layer = { clean: 'silver', pass: 'silver', totals: 'gold', features: 'feature' }[kind];
    return `lake/story/${layer}/${name}`;
  });
  const sources = shape.sources.map(({ name }) => `lake/story/bronze/${name}`);
  const quarantines = [...shape.tables, ...shape.sources].map(({ name }) => `lake/story/quarantine/${name}`);
  const each = [...tables, ...sources, ...quarantines, 'lake/story/quarantine', 'state', 'runs', 'cache'];
  return [...each.map((folder) => [folder]), ['state', 'runs'], ['state', 'runs']];
}

function drawEdit(source: SourceShape, { ids, names }: Setting, chance: Chance): Edit {
  const place = { source: source.name, file: chance.of(names) };
  const rows = () => Array.from({ length: chance.int(0, 5) }, () => drawRow(source, ids, chance));
  const kind = chance.of([
    'write',
    'write',
    'write',
    'add',
    'add',
    'put back',
    'copy',
    'empty',
    'header only',
    'touch',
    'delete',
    'rename',
  ] as const);
  switch (kind) {
    case 'write':
    case 'add':
      return { do: kind, ...place, rows: rows() };
    case 'copy':
    case 'rename':
      return { do: kind, ...place, to: chance.of(names) };
    default:
      return { do: kind, ...place };
  }
}

function drawRow(source: SourceShape, ids: readonly Cell[], chance: Chance): Row {
  if (source.format !== 'parquet' && chance.often(0.06)) {
    return { broken: source.format === 'csv' ? 'too,few' : '{"id": oops' };
  }
  const text = source.format === 'csv';
  const id = chance.of(ids);
  const v: Cell = chance.often(0.15)
    ? text
      ? chance.of(['x', '', ' 7 ', '1e3', '2147483640'])
      : null
    : chance.int(0, 99);
  const at = text && chance.often(0.05) ? chance.of(['yesterday', '2025-02-30', '']) : chance.of(times);
  const blank = text && source.id !== 'string' && id !== null && chance.often(0.1);
  return [blank ? ` ${id}` : id, chance.of(groups), v, at, chance.of(notes), chance.of(['m', null])];
}

/** One change that the compiler accepts, or none after three tries. */
function drawChange(shape: PipelineShape, chance: Chance): Change[] {
  for (let tries = 0; tries < 3; tries++) {
    const change = chance.often(0.2) ? drawSourceChange(shape, chance) : drawTableChange(shape, chance);
    if (accepted(changed(shape, [change])) !== undefined) return [change];
  }
  return [];
}

function drawSourceChange(shape: PipelineShape, chance: Chance): Change {
  const source = chance.of(shape.sources);
  return { of: source.name, more: !source.more };
}

function drawTableChange(shape: PipelineShape, chance: Chance): Change {
  const table = chance.of(shape.tables);
  const rows = table.kind === 'clean' || table.kind === 'pass';
  const looked = shape.tables.some((each) => each.lookup === table.name || each.from[0] === table.name);
  const kind = chance.of([
    'constant',
    'rule',
    'rule',
    'key',
    'latestBy',
    'partitionBy',
    'scopes',
    'scopes',
    'gone',
  ] as const);
  switch (kind) {
    case 'rule':
      return {
        of: table.name,
        toggle: chance.of(['has_id', 'small', 'cut', 'before'] as const),
        in: chance.of(['keep', 'quarantine'] as const),
      };
    case 'key':
      if (!rows || looked) break;
      return { of: table.name, key: chance.of([['id'], ['id', 'g'], ['g'], ['id', 'at']]) };
    case 'latestBy':
      if (!rows || table.key.length === 0) break;
      return { of: table.name, latestBy: chance.of([[], ['at'], ['v'], ['v', 'at']]) };
    case 'partitionBy':
      if (table.kind === 'totals') break;
      return { of: table.name, partitionBy: chance.of([[], ['g']]) };
    case 'scopes':
      return { of: table.name, scopes: drawScopes(table, chance) };
    case 'gone':
      if (looked || shape.tables.some((each) => each.from.includes(table.name))) break;
      return { of: table.name, gone: true };
    default:
      break;
  }
  return { of: table.name, constant: table.constant + 1 };
}
