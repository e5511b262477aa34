import { drawStory } from './draw-story.ts';
import { type Played, play } from './play.ts';
import { shrink } from './shrink.ts';
import type { StayingEngine } from './staying-engine.ts';
import { told } from './told.ts';

/** The seeds to play: the one that was asked for, or as many as `few`, `many` in a long run. */
export function seeds(few: number, many: number): number[] {
  const asked = process.env['MILLRACE_SEED'];
  if (asked !== undefined) return asked.split(',').map(Number);
  const count = process.env['MILLRACE_LONG'] === '1' ? many : few;
  return Array.from({ length: count }, (_, i) => i + 1);
}

export interface Tally extends Omit<Played, 'failure'> {
  failures: string[];
}

/** Plays every seed, one after another on each engine, and tells of the failures with the smallest stories that show them. */
export async function playAll(all: readonly number[], engines: readonly StayingEngine[]): Promise<Tally> {
  const tally: Tally = { comparisons: 0, rows: 0, incremental: 0, failures: [] };
  const waiting = [...all];
  await Promise.all(
    engines.map(async (engine) => {
      for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
        const story = drawStory(seed);
        const { failure, ...counts } = await play(story, engine);
        tally.comparisons += counts.comparisons;
        tally.rows += counts.rows;
        tally.incremental += counts.incremental;
        if (failure === undefined) continue;
        const smallest = await shrink(story, failure, (smaller) => play(smaller, engine));
        tally.failures.push(told(seed, smallest.story, smallest.failure));
        if (tally.failures.length === mostFailures) waiting.length = 0;
      }
    }),
  );
  return tally;
}

/** Each costs minutes to make small; what comes after is rarely new. */
const mostFailures = 3;
