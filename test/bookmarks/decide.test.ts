import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Decisions, decide, type Listing } from '../../lib/bookmarks/decide.ts';
import type { AnyDefinition } from '../../lib/definition/index.ts';
import { emptyState, type PipelineState } from '../../lib/documents/bookmark-state.ts';
import { compile } from '../../lib/plan/compile.ts';
import type { Plan } from '../../lib/plan/schema.ts';
import { small, smallSql } from '../plan/pipelines.ts';

const planOf = (sql = smallSql): Plan => compile(small as unknown as AnyDefinition, sql, 'p/pipeline.ts').plan!;
const file = (path: string, etag = 'e1') => ({ path, etag, size: 10, uri: `/data/${path}` });
const listing: Listing = {
  people: [file('people/a.csv')],
  visits: [file('visits/a.json')],
  towns: [file('towns/a.parquet')],
};
const parameters = { as_of: '2025-01-01' };
const live = new Map([['stays', { live: 1, promoted: 1, versions: [1] }]]);

/** The state after a run that did what was decided, where each task committed one new version. */
function after(state: PipelineState, decisions: Decisions, plan: Plan, sequence = state.sequence + 1): PipelineState {
  const tasks = { ...state.tasks };
  for (const item of decisions.items) {
    const before = tasks[item.task];
    const version = (before?.version ?? -1) + 1;
    const appended = item.mode === 'incremental' && !(item.files ?? []).some((f) => f.replace);
    const task = plan.tasks.find((t) => t.name === item.task)!;
    const taken = item.mode === 'full' ? {} : (before?.files ?? {});
    tasks[item.task] = {
      fingerprint: item.fingerprint,
      parts: item.parts,
      run: `r${sequence}`,
      version,
      rewrittenAt: appended ? (before?.rewrittenAt ?? 0) : version,
      consumed: Object.fromEntries(task.upstream.map((name) => [name, tasks[name]!.version])),
      ...(item.files && {
        files: { ...taken, ...Object.fromEntries(item.files.map(({ uri: _, replace: __, ...f }) => [f.path, f])) },
      }),
    };
  }
  return { ...state, sequence, tasks };
}

const plan = planOf();
const first = decide(plan, emptyState('small'), listing, parameters, new Map());
const built = after(emptyState('small'), first, plan);
const whys = (decisions: Decisions) =>
  Object.fromEntries(decisions.items.map((item) => [item.task, `${item.mode}: ${item.why}`]));

describe('what runs, and why', () => {
  test('everything, when nothing was ever built', () => {
    expect(first.items.map((item) => item.task)).toEqual(plan.tasks.map((task) => task.name));
    expect(new Set(first.items.map((item) => item.why))).toEqual(new Set(['never built']));
  });

  test('nothing, when nothing is new', () => {
    const again = decide(plan, built, listing, parameters, live);
    expect(again.items).toEqual([]);
    expect(again.skipped).toHaveLength(plan.tasks.length);
  });

  test('a new file: its table ingests it, and only affected rows are computed downstream', () => {
    const more = { ...listing, people: [...listing['people']!, file('people/b.csv', 'e2')] };
    const next = decide(plan, built, more, parameters, live);
    expect(whys(next)).toEqual({
      people: 'incremental: new input (1 file)',
      people_clean: 'incremental: new rows in people',
      people_features: 'incremental: new rows in people_clean',
      train_stays: 'full: new rows in people_features',
      scores: 'full: new rows in people_features, train_stays',
    });
    expect(next.items[0]!.files).toMatchObject([{ path: 'people/b.csv', replace: false }]);
  });

  test('a rewritten file replaces its rows, and a table that only appends is rebuilt', () => {
    const rewritten = { ...listing, visits: [file('visits/a.json', 'e9')] };
    const next = decide(plan, built, rewritten, parameters, live);
    expect(next.items[0]!.files).toMatchObject([{ path: 'visits/a.json', replace: true }]);
    expect(whys(next)).toMatchObject({
      visits_clean: 'full: new rows in visits',
      people_features: 'incremental: new rows in visits_clean',
    });
  });

  test('a changed lookup makes its reader run in full', () => {
    const moved = { ...listing, towns: [file('towns/a.parquet', 'e3')] };
    expect(whys(decide(plan, built, moved, parameters, live))).toMatchObject({
      people_clean: 'full: new rows in towns',
    });
  });

  test('a changed SQL: that table and what is downstream, with the reason', () => {
    const other = planOf({
      ...smallSql,
      'people_clean.sql': smallSql['people_clean.sql']!.replace('p.town,', 'upper(p.town) AS town,'),
    });
    expect(whys(decide(other, built, listing, parameters, live))).toEqual({
      people_clean: 'full: changed SQL',
      people_features: 'full: changed upstream: people_clean',
      train_stays: 'full: changed upstream: people_features',
      scores: 'full: changed upstream: people_features, train_stays',
    });
  });

  test('a changed parameter: the tables that name it', () => {
    expect(whys(decide(plan, built, listing, { as_of: '2025-02-01' }, live))).toMatchObject({
      people_features: 'full: changed parameter as_of',
    });
  });

  test('a killed run: its files are replaced, because they may have been committed', () => {
    const more = { ...listing, people: [...listing['people']!, file('people/b.csv', 'e2')] };
    const killed = { ...built, inDoubt: { people: ['people/b.csv'] } };
    expect(decide(plan, killed, more, parameters, live).items[0]!.files).toMatchObject([
      { path: 'people/b.csv', replace: true },
    ]);
  });

  test('a killed run: a table that it may have appended to is rebuilt', () => {
    const more = { ...listing, visits: [...listing['visits']!, file('visits/b.json', 'e2')] };
    expect(whys(decide(plan, built, more, parameters, live))).toMatchObject({
      visits_clean: 'incremental: new rows in visits',
    });
    const killed = { ...built, inDoubt: { visits_clean: [] } };
    expect(whys(decide(plan, killed, more, parameters, live))).toMatchObject({
      visits_clean: 'full: new rows in visits',
    });
  });

  test('an interrupted run is finished: the tasks upstream of the interruption do not run again', () => {
    const half = { ...built, tasks: { ...built.tasks } };
    delete half.tasks['people_features'];
    expect(Object.keys(whys(decide(plan, half, listing, parameters, live)))).toEqual([
      'people_features',
      'train_stays',
      'scores',
    ]);
  });

  test('nothing is scored while the gate holds the only version', () => {
    const held = { ...built, tasks: { ...built.tasks } };
    delete held.tasks['scores'];
    expect(decide(plan, held, listing, parameters, new Map()).skipped).toContainEqual({
      task: 'scores',
      why: 'no version of model stays is live: its gate held it',
    });
  });
});

test('for any files in any batches, each content is ingested once and a run without changes does nothing', () => {
  const batch = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 3 })), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 5 }), (batches) => {
      let state = emptyState('small');
      const folder = new Map<string, string>();
      for (const changes of batches) {
        for (const [name, content] of changes) folder.set(`people/${name}.csv`, `e${content}`);
        const now = { ...listing, people: [...folder].map(([path, etag]) => file(path, etag)) };
        const decisions = decide(plan, state, now, parameters, live);
        for (const item of decisions.items.filter((i) => i.task === 'people' && i.mode === 'incremental')) {
          for (const taken of item.files!)
            expect(state.tasks['people']?.files?.[taken.path]?.etag).not.toBe(taken.etag);
        }
        state = after(state, decisions, plan);
        const known = Object.entries(state.tasks['people']!.files!).map(([path, f]) => [path, f.etag]);
        expect(new Map(known as [string, string][])).toEqual(folder);
        expect(decide(plan, state, now, parameters, live).items).toEqual([]);
      }
    }),
  );
});
