import { expect, test } from 'vitest';
import { playAll, seeds } from './seeds.ts';

/** Incremental runs give the same lake as one full run of the same files, for any pipeline and any events. */

test('random pipelines over random days equal a full rebuild after each of them, on Sail', async () => {
  const all = seeds(Number(process.env['MILLRACE_SAIL_STORIES'] ?? 50), 500);
  const { failures, comparisons, rows, incremental } = await playAll(all, 'sail', { width: 2, size: 'whole' });
  expect(failures.join('\n\n')).toBe('');
  // The comparison is not empty.
  expect(comparisons).toBeGreaterThan(all.length);
  expect(rows).toBeGreaterThan(10 * all.length);
  expect(incremental).toBeGreaterThan(all.length);
}, 21_600_000);
