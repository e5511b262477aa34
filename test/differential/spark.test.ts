import { access } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';
import { playAll, seeds } from './seeds.ts';

/**
 * Small stories on Spark with delta-spark, which run on Glue and EMR. The lake is rebuilt on Sail: this is faster, and shows
 * that the two engines agree after days of changes.
 */

/** A story costs 20 to 30 seconds of a processor. */
const stories = Number(process.env['MILLRACE_SPARK_STORIES'] ?? 8);
/** From this number of stories on, a second engine is worth its start, which costs as much as three stories. */
const enoughForTwo = 20;

const there = await access(path.join(projectFolder, '.venv-spark')).then(
  () => true,
  () => false,
);

describe.skipIf(!there)('on Spark', () => {
  test('random pipelines over random days equal a full rebuild on Sail after each of them', async () => {
    const all = seeds(stories, 500);
    const width = all.length < enoughForTwo ? 1 : 2;
    const { failures, comparisons, rows } = await playAll(all, 'spark', { width, size: 'small' });
    expect(failures.join('\n\n')).toBe('');
    expect(comparisons).toBeGreaterThanOrEqual(all.length);
    expect(rows).toBeGreaterThan(all.length);
  }, 43_200_000);
});
