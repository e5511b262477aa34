import { accepted } from './draw-shape.ts';
import type { Failure, Played } from './play.ts';
import type { Day, Edit, PipelineShape, Story, TableShape } from './story.ts';

/** The number of plays that shrinking a story may take. */
const mostPlays = 250;

/**
 * The smallest story that still fails. Days, edits, rows, tables and rules are removed one by one while it still fails without
 * them. Any failure counts, so the result may show another fault than the first.
 */
export async function shrink(
  story: Story,
  failure: Failure,
  play: (story: Story) => Promise<Played>,
): Promise<{ story: Story; failure: Failure }> {
  let smallest = { story: { ...story, days: story.days.slice(0, failure.day + 1) }, failure };
  for (let plays = 0, smaller = true; smaller; ) {
    smaller = false;
    for (const candidate of smallerThan(smallest.story)) {
      if (plays === mostPlays) return smallest;
      if (!isPlayable(candidate)) continue;
      plays += 1;
      const { failure: still } = await play(candidate);
      if (still === undefined) continue;
      smallest = { story: { ...candidate, days: candidate.days.slice(0, still.day + 1) }, failure: still };
      smaller = true;
      break;
    }
  }
  return smallest;
}

function isPlayable({ pipeline }: Story): boolean {
  try {
    return pipeline.tables.length > 0 && accepted(pipeline) !== undefined;
  } catch {
    return false;
  }
}

/** Every story with one part removed, the largest parts first. */
function* smallerThan(story: Story): Generator<Story> {
  for (const pipeline of smallerPipelines(story.pipeline)) yield { ...story, pipeline };
  for (const days of without(story.days)) if (days.length > 0) yield { ...story, days };
  for (const [i, day] of story.days.entries()) {
    for (const smaller of smallerDays(day)) yield { ...story, days: story.days.with(i, smaller) };
  }
}

function* smallerPipelines(shape: PipelineShape): Generator<PipelineShape> {
  const read = new Set(
    shape.tables.flatMap(({ from, lookup }) => [...from, ...(lookup === undefined ? [] : [lookup])]),
  );
  for (const table of shape.tables.filter(({ name }) => !read.has(name))) {
    yield { ...shape, tables: shape.tables.filter((other) => other !== table) };
  }
  for (const source of shape.sources.filter(({ name }) => !read.has(name))) {
    yield { ...shape, sources: shape.sources.filter((other) => other !== source) };
  }
  for (const [i, table] of shape.tables.entries()) {
    for (const simpler of simplerTables(table)) yield { ...shape, tables: shape.tables.with(i, simpler) };
  }
}

function* simplerTables(table: TableShape): Generator<TableShape> {
  const { lookup, ...rest } = table;
  if (lookup !== undefined) yield { ...rest, quarantine: table.quarantine.filter((rule) => rule !== 'known') };
  for (const keep of without(table.keep)) yield { ...table, keep };
  for (const quarantine of without(table.quarantine)) yield { ...table, quarantine };
  if (table.latestBy.length > 0) yield { ...table, latestBy: [] };
  if (table.partitionBy.length > 0) yield { ...table, partitionBy: [] };
  if (table.from.length > 1 && table.kind !== 'features') yield { ...table, from: table.from.slice(0, 1) };
  if (table.trim) yield { ...table, trim: false };
  if (table.constant > 0) yield { ...table, constant: 0 };
}

function* smallerDays(day: Day): Generator<Day> {
  const { kill, ...rest } = day;
  if (kill !== undefined) yield rest;
  for (const edits of without(day.edits)) yield { ...day, edits };
  for (const changes of without(day.changes)) yield { ...day, changes };
  for (const lost of without(day.lost)) yield { ...day, lost };
  for (const force of without(day.force)) yield { ...day, force };
  const { keepGone, ...withdrawn } = day;
  if (keepGone) yield withdrawn;
  if (Object.keys(day.parameters).length > 0) yield { ...day, parameters: {} };
  for (const [i, edit] of day.edits.entries()) {
    for (const smaller of smallerEdits(edit)) yield { ...day, edits: day.edits.with(i, smaller) };
  }
}

function* smallerEdits(edit: Edit): Generator<Edit> {
  if (!('rows' in edit)) return;
  for (const rows of without(edit.rows)) yield { ...edit, rows };
}

/** The list with one element removed. */
function* without<T>(things: readonly T[]): Generator<T[]> {
  for (const i of things.keys()) yield things.toSpliced(i, 1);
}
