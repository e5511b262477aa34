import { access } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';
import { playAll, seeds } from './seeds.ts';

/** The same stories as on Sail, on Spark with delta-spark: what runs on Glue and EMR. */

const there = await access(path.join(projectFolder, '.venv-spark')).then(
  () => true,
  () => false,
);

describe.skipIf(!there)('on Spark', () => {
  test('random pipelines over random days equal a full rebuild after each of them', async () => {
    const all = seeds(3, 60);
    const { failures, comparisons } = await playAll(all, 'spark', 1);
    expect(failures.join('\n\n')).toBe('');
    expect(comparisons).toBeGreaterThanOrEqual(all.length);
  }, 3_600_000);
});
