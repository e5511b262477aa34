import { describe, expect, test } from 'vitest';
import type { AnyDefinition } from '../../lib/definition/index.ts';
import { compile } from '../../lib/plan/compile.ts';
import { streamedTasks } from '../../lib/plan/streams.ts';
import { small, smallSql } from './pipelines.ts';

const place = 'pipelines/small/pipeline.ts';

const { stream: _, ...visits } = small.sources.visits;

/** The small pipeline, with visits as a source of the given kind. */
const withVisits = (change: Record<string, unknown>, more: Record<string, unknown> = {}): AnyDefinition =>
  ({ ...small, sources: { ...small.sources, visits: { ...visits, ...change }, ...more } }) as unknown as AnyDefinition;

const issuesOf = (definition: AnyDefinition) => compile(definition, smallSql, place).issues;

describe('a source that arrives by a stream', () => {
  test('is an ordinary source with its stream in the plan', () => {
    const plan = compile(withVisits({ stream: { partitionBy: 'at' } }), smallSql, place).plan!;
    expect(streamedTasks(plan).map(({ name, source }) => [name, source.stream])).toEqual([
      ['visits', { partitionBy: 'at' }],
    ]);
    const plain = compile(withVisits({}), smallSql, place).plan!;
    expect(streamedTasks(plain)).toEqual([]);
    expect(plan.tasks.map((task) => task.fingerprint.value)).toEqual(plain.tasks.map((task) => task.fingerprint.value));
    const arrival = compile(withVisits({ stream: {} }), smallSql, place).plan!;
    expect(streamedTasks(arrival).map(({ source }) => source.stream)).toEqual([{}]);
  });

  test('is partitioned by one of its columns, which is never null and holds a day', () => {
    expect(issuesOf(withVisits({ stream: { partitionBy: 'att' } }))).toMatchObject([
      { code: 'MR103', path: `${place}  sources.visits.stream.partitionBy`, hint: expect.stringMatching(/^at /) },
    ]);
    expect(issuesOf(withVisits({ stream: { partitionBy: 'minutes' } }))).toEqual([
      {
        code: 'MR140',
        path: `${place}  sources.visits.stream.partitionBy`,
        message:
          '"minutes" is double?, but the day of a record must come from a string, date or timestamp that is never null',
        hint: 'id, at',
      },
    ]);
    const nullable = { columns: { id: 'string?', at: 'timestamp?', minutes: 'double?' } };
    expect(issuesOf(withVisits({ ...nullable, stream: { partitionBy: 'at' } }))).toMatchObject([
      { code: 'MR140', hint: 'remove partitionBy' },
    ]);
  });

  test('reads only the files that its stream lands', () => {
    for (const path of ['visits/*.json.gz', 'visits/*.jsonl', 'visits/*']) {
      expect(issuesOf(withVisits({ path, stream: {} }))).toMatchObject([
        { code: 'MR141', path: `${place}  sources.visits.path`, hint: 'end the path with /*.json' },
      ]);
      expect(issuesOf(withVisits({ path }))).toEqual([]);
    }
  });

  test('does not share its folder with another stream', () => {
    const twice = { again: { ...visits, stream: {} } };
    expect(issuesOf(withVisits({ stream: {} }, twice))).toMatchObject([
      { code: 'MR142', path: `${place}  sources.again.path`, message: expect.stringContaining('visits/') },
    ]);
    expect(issuesOf(withVisits({}, twice))).toEqual([]);
  });

  test('must be json', () => {
    const customers = { people: { ...small.sources.people, stream: {} } };
    expect(issuesOf(withVisits({}, customers))).toMatchObject([{ code: 'MR100', path: `${place}  sources.people` }]);
  });
});
