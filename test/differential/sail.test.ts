import { afterAll, beforeAll, expect, test } from 'vitest';
import { playAll, seeds } from './seeds.ts';
import { StayingEngine } from './staying-engine.ts';

/** Incremental runs give the lake that one full run of the same files gives, whatever the pipeline and whatever happens to it. */

let engines: StayingEngine[];
beforeAll(async () => {
  engines = await Promise.all([StayingEngine.start('sail'), StayingEngine.start('sail')]);
});
afterAll(() => Promise.all(engines.map((engine) => engine.stop())));

test('random pipelines over random days equal a full rebuild after each of them, on Sail', async () => {
  const all = seeds(50, 500);
  const { failures, comparisons, rows, incremental } = await playAll(all, engines);
  expect(failures.join('\n\n')).toBe('');
  // What is compared is not nothing.
  expect(comparisons).toBeGreaterThan(all.length);
  expect(rows).toBeGreaterThan(10 * all.length);
  expect(incremental).toBeGreaterThan(all.length);
}, 3_600_000);
