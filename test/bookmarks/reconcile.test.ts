import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Lake, reconciled } from '../../lib/bookmarks/reconcile.ts';
import { emptyState, type PipelineState, type TaskState } from '../../lib/documents/bookmark-state.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { planSchema } from '../../lib/plan/schema.ts';

const golden = path.join(projectFolder, 'contracts', 'golden', 'small.plan.json');
const plan = planSchema.parse(JSON.parse(readFileSync(golden, 'utf8')));

/** The log of a table with commits by these runs; 0 is maintenance, which has no transaction. */
const log = (id: string, runs: readonly number[], app = 'small/people') =>
  runs.map((run, version) =>
    [
      ...(version === 0 ? [{ metaData: { id } }] : []),
      { commitInfo: {} },
      ...(run > 0 ? [{ txn: { appId: app, version: run } }] : []),
    ]
      .map((action) => JSON.stringify(action))
      .join('\n'),
  );

/** `layer/name` of a table -> its commits. All models exist. */
function lake(tables: Readonly<Record<string, readonly string[]>>, extra: readonly string[] = []): Lake {
  const name = (version: number) => `${String(version).padStart(20, '0')}.json`;
  return {
    log: (layer, table) => {
      const commits = tables[`${layer}/${table}`] ?? [];
      return {
        names: async () =>
          commits.length === 0 ? [] : [...commits.map((_, version) => name(version)).reverse(), ...extra],
        text: async (file) => commits[Number.parseInt(file, 10)],
      };
    },
    hasModel: async () => true,
  };
}

const known = (more: Partial<TaskState>): TaskState => ({
  fingerprint: 'f',
  parts: {},
  run: 'r',
  version: 1,
  rewrittenAt: 0,
  consumed: {},
  ...more,
});
const state = (more: Partial<PipelineState>): PipelineState => ({ ...emptyState('small'), ...more });
const people = (more: Partial<TaskState>, rest: Partial<PipelineState> = {}) =>
  state({ sequence: 5, tasks: { people: known(more) }, ...rest });

describe('bookmarks that contradict the lake', () => {
  test('a missing or recreated table was never built', async () => {
    const gone = await reconciled(plan, people({ tableId: 'a', sequence: 5 }), lake({}));
    const other = await reconciled(
      plan,
      people({ tableId: 'a', sequence: 5 }),
      lake({ 'bronze/people': log('b', [5]) }),
    );
    const same = await reconciled(
      plan,
      people({ tableId: 'a', sequence: 5 }),
      lake({ 'bronze/people': log('a', [5]) }),
    );
    expect([gone, other, same].map(({ tasks }) => Object.keys(tasks))).toEqual([[], [], ['people']]);
    expect(same.tasks['people']).not.toHaveProperty('rebuild');
  });

  test('a table that is older than the bookmarks, or whose rejects are missing or different, is rebuilt', async () => {
    const rebuild = async (more: Partial<TaskState>, tables: Parameters<typeof lake>[0]) =>
      (await reconciled(plan, people({ tableId: 'a', ...more }), lake(tables))).tasks['people']?.rebuild;
    const table = { 'bronze/people': log('a', [4]) };
    expect(await rebuild({ sequence: 5, committed: 5 }, table)).toContain('was restored');
    // The last run had nothing to write.
    expect(await rebuild({ sequence: 5, committed: 4 }, table)).toBeUndefined();
    expect(await rebuild({ sequence: 4, rejectsId: 'q' }, table)).toContain('quarantine table is gone');
    expect(await rebuild({ sequence: 4, rejectsId: 'q' }, { ...table, 'quarantine/people': log('p', [4]) })).toContain(
      'replaced by another',
    );
    expect(
      await rebuild({ sequence: 4, rejectsId: 'q' }, { ...table, 'quarantine/people': log('q', [2]) }),
    ).toBeUndefined();
  });

  test('a table or quarantine whose rows another program changed is rebuilt; one that it compacted is not', async () => {
    const rebuild = async (tables: Parameters<typeof lake>[0]) =>
      (await reconciled(plan, people({ tableId: 'a', sequence: 5, committed: 5, rejectsId: 'q' }), lake(tables))).tasks[
        'people'
      ]?.rebuild;
    const commit = (operation: string, ...actions: object[]) =>
      [{ commitInfo: { operation } }, ...actions].map((action) => JSON.stringify(action)).join('\n');
    const changed = [{ remove: { path: 'a', dataChange: true } }, { add: { path: 'b', dataChange: true } }];
    const compacted = changed.map((action) => JSON.parse(JSON.stringify(action).replace('true', 'false')) as object);
    const other = { txn: { appId: 'other/people', version: 9 } };
    const [table, rejects] = [log('a', [4, 5]), log('q', [5])];
    const of = (more: readonly string[], moreRejects: readonly string[] = []) =>
      rebuild({ 'bronze/people': [...table, ...more], 'quarantine/people': [...rejects, ...moreRejects] });

    expect(await of([commit('RESTORE', ...changed)])).toBe('another program changed its table (RESTORE in version 2)');
    expect(await of([commit('DELETE', changed[0]!), commit('OPTIMIZE', ...compacted)])).toContain(
      'DELETE in version 2',
    );
    expect(await of([commit('WRITE', other, ...changed)])).toContain('WRITE in version 2');
    expect(await of([], [commit('DELETE', changed[0]!)])).toBe(
      'another program changed its quarantine table (DELETE in version 1)',
    );
    expect(await of([commit('OPTIMIZE', ...compacted), commit('VACUUM END')])).toBeUndefined();
  });

  test('a change that another program made during the last run is noticed, until the table is rebuilt', async () => {
    const commit = (operation: string, mode: object, ...actions: object[]) =>
      [{ commitInfo: { operation, operationParameters: mode } }, ...actions]
        .map((action) => JSON.stringify(action))
        .join('\n');
    const deletion = commit('DELETE', {}, { remove: { path: 'a', dataChange: true } });
    const by = (run: number, mode: object) => commit('WRITE', mode, { txn: { appId: 'small/people', version: run } });
    const append = { mode: 'Append' };
    const rebuild = async (commits: readonly string[]) =>
      (
        await reconciled(
          plan,
          people({ tableId: 'a', sequence: 5, committed: 5 }),
          lake({ 'bronze/people': [...log('a', [3, 4]), ...commits] }),
        )
      ).tasks['people']?.rebuild;

    const why = 'another program changed its table (DELETE in version 2)';
    expect(await rebuild([deletion, by(5, append)])).toBe(why);
    expect(await rebuild([deletion, by(5, { mode: 'Overwrite', predicate: `_source_file IN ('a')` })])).toBe(why);
    expect(await rebuild([deletion, by(5, { predicate: 't.id = s.id' })])).toBe(why);
    expect(await rebuild([deletion, by(5, { mode: 'Overwrite' })])).toBeUndefined();
    // The last claim but one saw it.
    expect(await rebuild([deletion, by(4, append), by(5, append)])).toBeUndefined();
  });

  test('a commit that the bookmarks have not settled is in doubt, even of rejects alone; a task without a commit is not', async () => {
    const doubts = async (more: Partial<PipelineState>, tables: Parameters<typeof lake>[0]) =>
      (await reconciled(plan, people({ sequence: 4 }, more), lake(tables))).inDoubt;
    const settled = { 'bronze/people': log('a', [3, 4, 0]) };
    const inDoubt = { people: ['people/b.csv'] };
    expect(await doubts({ inDoubt }, settled)).toEqual({});
    expect(await doubts({ inDoubt }, { 'bronze/people': log('a', [4, 5]) })).toEqual(inDoubt);
    expect(await doubts({ inDoubt }, { ...settled, 'quarantine/people': log('q', [5]) })).toEqual(inDoubt);
    expect(await doubts({ inDoubt, tried: { people: { fingerprint: 'f', forced: true } } }, settled)).toEqual(inDoubt);
  });

  test('older bookmarks without the number of the last run stay valid', async () => {
    const inDoubt = { people: ['people/b.csv'] };
    const { tasks, inDoubt: left } = await reconciled(
      plan,
      people({}, { inDoubt }),
      lake({ 'bronze/people': log('a', [5]) }),
    );
    expect([left, tasks['people']]).toEqual([inDoubt, known({})]);
  });
});

test('whatever is lost, the next run has a number that is in no log', async () => {
  const runs = fc.array(fc.nat(50), { minLength: 1, maxLength: 5 }).map((numbers) => numbers.sort((a, b) => a - b));
  const places = [
    'bronze/people',
    'silver/people_clean',
    'quarantine/people',
    'quarantine/people_clean',
    'gold/scores',
  ];
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...places), runs), fc.nat(50), async (tables, sequence) => {
      const logs = Object.fromEntries(Object.entries(tables).map(([place, numbers]) => [place, log('a', numbers)]));
      const next = await reconciled(
        plan,
        state({ sequence }),
        lake(logs, ['_last_checkpoint', '00000000000000000001.checkpoint.parquet']),
      );
      expect(next.sequence).toBe(Math.max(sequence, ...Object.values(tables).flat()));
    }),
    { numRuns: 50 },
  );
});

test('runs of another pipeline and incomplete lines are ignored', async () => {
  const torn = [
    '{"metaData":{"id":"a"}}\n{"txn":{"appId":"small/people","version":3}}',
    '{"txn":{"appId":"other/people","version":9}}\n{"txn":{"appId":"sma',
  ];
  expect((await reconciled(plan, state({}), lake({ 'bronze/people': torn }))).sequence).toBe(3);
});
