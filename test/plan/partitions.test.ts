import { describe, expect, test } from 'vitest';
import { decide } from '../../lib/bookmarks/decide.ts';
import { emptyState } from '../../lib/documents/bookmark-state.ts';
import { compile } from '../../lib/plan/compile.ts';
import type { IngestTask } from '../../lib/plan/schema.ts';
import { small, smallSql } from './pipelines.ts';
import { planWithSources } from './sources.ts';

const place = 'pipelines/small/pipeline.ts';
const issuesOf = (source: object) => {
  const definition = { ...small, sources: { ...small.sources, s: source } } as unknown as typeof small;
  return compile(definition, smallSql, place).issues;
};
const sales = { format: 'csv', path: 's/*.csv', columns: ['a'], partitions: { dt: 'date', region: 'string?' } };

describe('the partitions of a source', () => {
  test('are the last columns in the plan, typed, and part of the fingerprint', () => {
    const planned = (source: object) =>
      planWithSources({ s: source }).tasks.find((task): task is IngestTask => task.name === 's')!;
    const task = planned(sales);
    expect(task.partitions).toEqual(['dt', 'region']);
    expect(task.columns.slice(1)).toEqual([
      { name: 'dt', type: 'date', nullable: false },
      { name: 'region', type: 'string', nullable: true },
    ]);
    const { partitions: _, ...plain } = sales;
    expect(planned(plain).partitions).toBeUndefined();
    expect(planned(plain).fingerprint.value).not.toBe(task.fingerprint.value);
  });

  test('are passed with each new file, with the values of its folders', () => {
    const plan = planWithSources({ s: sales });
    const file = (path: string) => ({ path, uri: `/d/${path}`, etag: path, size: 1 });
    const files = [file('s/dt=2024-01-01/region=a%2Fb/1.csv'), file('s/dt=__HIVE_DEFAULT_PARTITION__/2.csv')];
    const run = (listing: typeof files, state = emptyState('small')) =>
      decide(plan, state, { s: listing }, { as_of: '2025-01-01' }, new Map() as never).items.find(
        ({ task }) => task === 's',
      );
    const first = run(files)!;
    expect(first.files!.map(({ partition }) => partition)).toEqual([{ dt: '2024-01-01', region: 'a/b' }, { dt: null }]);
    const taken = Object.fromEntries(files.map(({ uri: _, ...each }) => [each.path, each]));
    const { fingerprint, parts } = first;
    const task = { fingerprint, parts, run: 'r', version: 0, rewrittenAt: 0, consumed: {}, files: taken };
    const state = { ...emptyState('small'), tasks: { s: task } };
    // An ingested partition is not listed again.
    expect(run([...files, file('s/dt=2024-01-02/3.csv')], state)!.files!.map(({ path }) => path)).toEqual([
      's/dt=2024-01-02/3.csv',
    ]);
  });

  test('have unique names and types that a folder can hold, and are not allowed with a stream', () => {
    expect(issuesOf({ ...sales, columns: ['a', 'DT'] })).toMatchObject([
      { code: 'MR156', path: `${place}  sources.s.partitions.dt` },
    ]);
    expect(issuesOf({ ...sales, partitions: { dt: 'binary' } })).toMatchObject([{ code: 'MR100' }]);
    const streamed = {
      format: 'json',
      path: 's/*.json',
      columns: { a: 'string' },
      partitions: { dt: 'date' },
      stream: {},
    };
    expect(issuesOf(streamed)).toMatchObject([{ code: 'MR157', path: `${place}  sources.s.partitions` }]);
  });
});
