import type { Engine } from '../../lib/local/python.ts';
import { drawStory, type Size } from './draw-story.ts';
import { type Engines, type Played, play } from './play.ts';
import { shrink } from './shrink.ts';
import { StayingEngine } from './staying-engine.ts';
import { storyText } from './story-text.ts';

/** The seeds to play: the requested one, or `few` seeds, or `many` in a long run. */
export function seeds(few: number, many: number): number[] {
  const asked = process.env['MILLRACE_SEED'];
  if (asked !== undefined) return asked.split(',').map(Number);
  const count = process.env['MILLRACE_LONG'] === '1' ? many : few;
  return Array.from({ length: count }, (_, i) => i + 1);
}

export interface Tally extends Omit<Played, 'failure'> {
  failures: string[];
}

/** Shrinking one failure takes minutes, and further failures are rarely new. */
const mostFailures = 3;
/** Stories until an engine is restarted: its process leaks some megabytes per session. */
const mostStories = 40;

/** Plays every seed on `width` parallel engines. Reports each failure with the smallest story that shows it. */
export async function playAll(
  all: readonly number[],
  engine: Engine,
  { width, size }: { width: number; size: Size },
): Promise<Tally> {
  const tally: Tally = { comparisons: 0, rows: 0, incremental: 0, failures: [] };
  const waiting = [...all];
  const work = async () => {
    while (waiting.length > 0) {
      const staying = await StayingEngine.start(engine);
      const rebuilder = engine === 'sail' ? staying : await StayingEngine.start('sail');
      try {
        await playSome(waiting, { engine: staying, rebuilder }, size, tally);
      } finally {
        await Promise.all([...new Set([staying, rebuilder])].map((each) => each.stop()));
      }
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return tally;
}

async function playSome(waiting: number[], engines: Engines, size: Size, tally: Tally): Promise<void> {
  for (let stories = 0; stories < mostStories; stories++) {
    const seed = waiting.shift();
    if (seed === undefined) return;
    const story = drawStory(seed, size);
    const { failure, ...counts } = await play(story, engines);
    tally.comparisons += counts.comparisons;
    tally.rows += counts.rows;
    tally.incremental += counts.incremental;
    if (failure === undefined) continue;
    const smallest = await shrink(story, failure, (smaller) => play(smaller, engines));
    tally.failures.push(storyText(seed, smallest.story, smallest.failure));
    if (tally.failures.length >= mostFailures) waiting.length = 0;
  }
}
