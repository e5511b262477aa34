import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskOutcome } from '../../lib/documents/task-outcome.ts';
import type { Plan } from '../../lib/plan/schema.ts';
import { changed } from './changed.ts';
import { accepted } from './draw-shape.ts';
import { InputFiles } from './input-files.ts';
import { type Ended, StoryLake, type Tables } from './lake.ts';
import type { StayingEngine } from './staying-engine.ts';
import type { Day, Story } from './story.ts';

/** What a story shows to be wrong, and on which day. */
export interface Failure {
  day: number;
  what: string[];
}

/** Counts of what was played, so that a test can check that they are not zero. */
export interface Played {
  failure?: Failure;
  comparisons: number;
  rows: number;
  incremental: number;
}

/** The engine of the incremental lake and the engine of the rebuilt lake. Two different engines also show that they agree. */
export interface Engines {
  engine: StayingEngine;
  rebuilder: StayingEngine;
}

/** Plays a story on an incremental lake, and compares it each day with a lake that is rebuilt from the same files. */
export async function play(story: Story, engines: Engines): Promise<Played> {
  const folder = await mkdtemp(path.join(tmpdir(), 'millrace-story-'));
  try {
    return await playIn(folder, story, engines);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function playIn(folder: string, story: Story, engines: Engines): Promise<Played> {
  const files = new InputFiles(path.join(folder, 'data'), engines.rebuilder, story.pipeline);
  const lake = new StoryLake(path.join(folder, 'lake'), engines.engine);
  const played: Played = { comparisons: 0, rows: 0, incremental: 0 };
  let shape = story.pipeline;
  for (const [i, day] of story.days.entries()) {
    for (const edit of day.edits) await files.apply(edit);
    const next = changed(shape, day.changes);
    const plan = accepted(next) ?? accepted(shape)!;
    shape = accepted(next) === undefined ? shape : next;
    for (const lost of day.lost) await rm(path.join(lake.root.folder, lost), { recursive: true, force: true });
    const ended = await lakeAfter(lake, plan, files.folder, day);
    if (ended === undefined) continue;
    const fresh = new StoryLake(path.join(folder, `rebuilt-${i}`), engines.rebuilder);
    const rebuilt = await fresh.run(plan, files.folder, { parameters: day.parameters, force: [] });
    if (rebuilt.how === 'failed' && i === 0) throw new Error(`a first run fails: ${JSON.stringify(rebuilt)}`);
    const what = await compared({ plan, lake, ended, fresh, rebuilt, files }, played);
    if (what.length > 0) return { ...played, failure: { day: i, what } };
    await rm(fresh.root.folder, { recursive: true, force: true });
  }
  return played;
}

/** The end of the day's last run; undefined if the lake may differ from its files: after a killed run, or if rows of removed files stay. */
async function lakeAfter(lake: StoryLake, plan: Plan, data: string, day: Day): Promise<Ended | undefined> {
  const ended = await lake.run(plan, data, day);
  const refused = ended.how === 'failed' && ended.issues.every(({ code }) => code === 'MR520');
  if (ended.how === 'killed') return undefined;
  if (ended.how === 'failed' && !refused) return ended;
  const gone = await lake.gone(plan, data);
  if (Object.keys(gone).length === 0) return ended;
  if (day.keepGone) return undefined;
  await lake.withdraw(plan, gone);
  return lake.run(plan, data, { parameters: day.parameters, force: refused ? day.force : [] });
}

interface Lakes {
  plan: Plan;
  lake: StoryLake;
  ended: Ended;
  fresh: StoryLake;
  rebuilt: Ended;
  files: InputFiles;
}

async function compared({ plan, lake, ended, fresh, rebuilt, files }: Lakes, played: Played): Promise<string[]> {
  if (ended.how !== 'done' || rebuilt.how !== 'done') {
    return [`the run: ${JSON.stringify(ended)}`, `a run of the same files into a new lake: ${JSON.stringify(rebuilt)}`];
  }
  const [ours, theirs] = [await lake.tables(plan), await fresh.tables(plan)];
  played.comparisons += 1;
  played.rows += Object.values(theirs).flat().length;
  played.incremental += Object.values(ended.modes).filter((mode) => mode === 'incremental').length;
  return [
    ...differences(ours, theirs),
    ...ended.outcomes.flatMap(unbalanced),
    ...unread(plan, rebuilt.outcomes, theirs, files),
  ];
}

/** Rows that only one of the lakes has, with duplicates. An empty table counts as a missing one. */
export function differences(ours: Tables, theirs: Tables): string[] {
  const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort();
  return names.flatMap((name) => {
    const left = [...(theirs[name] ?? [])];
    const surplus = (ours[name] ?? []).filter((row) => {
      const at = left.indexOf(row);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
    return [...surplus.map((row) => `${name}: too much: ${row}`), ...left.map((row) => `${name}: missing: ${row}`)];
  });
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);

function unbalanced({ task, read, written, aggregated, deduplicated, filtered, quarantined }: TaskOutcome): string[] {
  const placed = written + sum(aggregated) + deduplicated + sum(filtered) + sum(quarantined);
  return placed === read ? [] : [`${task}: ${read} rows read, ${placed} accounted for`];
}

/** In a full run each task reads all rows of its files or of its upstream tables. They are counted here, not by the engine. */
function unread(plan: Plan, outcomes: readonly TaskOutcome[], tables: Tables, files: InputFiles): string[] {
  return outcomes.flatMap(({ task, read }) => {
    const planned = plan.tasks.find(({ name }) => name === task)!;
    if (planned.kind === 'ingest') {
      const held = files.records(task);
      const kept = (tables[task] ?? []).length + (tables[`quarantine/${task}`] ?? []).length;
      return held === read && held === kept
        ? []
        : [`${task}: ${held} records in its files, ${read} read, ${kept} kept`];
    }
    if (planned.kind !== 'transform') return [];
    const consumed = planned.reads.filter(({ use }) => use !== 'lookup');
    const held = consumed.reduce((rows, { table }) => rows + (tables[table] ?? []).length, 0);
    return held === read ? [] : [`${task}: ${held} rows in its upstream tables, ${read} read`];
  });
}
