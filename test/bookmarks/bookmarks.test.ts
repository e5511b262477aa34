import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metricsOf } from '../../lambdas/bookmarks/metrics.ts';
import { rewind, set, withdraw } from '../../lib/bookmarks/by-hand.ts';
import { claim } from '../../lib/bookmarks/claim.ts';
import { peek } from '../../lib/bookmarks/peek.ts';
import { BookmarkConflict, type BookmarkPorts } from '../../lib/bookmarks/ports.ts';
import { abort, commit } from '../../lib/bookmarks/release.ts';
import { emptyState, type PipelineState } from '../../lib/documents/bookmark-state.ts';
import type { TaskOutcome } from '../../lib/documents/task-outcome.ts';
import type { WorkItem, WorkOrder } from '../../lib/documents/work-order.ts';
import { MillraceError } from '../../lib/errors.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { planSchema } from '../../lib/plan/schema.ts';
import { bookmarkStoreSuite } from './bookmark-stores.ts';

const golden = path.join(projectFolder, 'contracts', 'golden', 'churn.plan.json');
const plan = planSchema.parse(JSON.parse(readFileSync(golden, 'utf8')));
const sources = plan.tasks.flatMap((task) => (task.kind === 'ingest' ? [task.name] : []));

/** An account in memory: input objects, bookmarks, work orders, the engine's commits, and the holders that are alive. */
class Account {
  readonly states = new Map<string, PipelineState>();
  readonly orders = new Map<string, WorkOrder>();
  readonly reported = new Map<string, TaskOutcome[]>();
  readonly files = new Map<string, Map<string, string>>(sources.map((name) => [name, new Map()]));
  /** Bronze: for each source, the path and etag from which each "row" came. */
  readonly bronze = new Map<string, [path: string, etag: string][]>(sources.map((name) => [name, []]));
  readonly versions = new Map<string, number>();
  readonly working = new Set<string>();
  /** Path of an input -> when it was written, if that is known. */
  readonly written = new Map<string, string>();
  /** The rows that a source's task reads. */
  readonly rows = new Map<string, number>();
  conflicts = 0;
  rolledBackTo?: number;

  readonly ports: BookmarkPorts = {
    store: {
      load: async (pipeline) => structuredClone(this.states.get(pipeline) ?? emptyState(pipeline)),
      save: async (state) => {
        const kept = this.states.get(state.pipeline)?.revision ?? 0;
        if (this.conflicts-- > 0 || kept !== state.revision) throw new BookmarkConflict('another was faster');
        const next = structuredClone({ ...state, revision: kept + 1 });
        this.states.set(state.pipeline, next);
        return structuredClone(next);
      },
    },
    plan: async () => plan,
    inputs: async () => ({
      warnings: [],
      files: Object.fromEntries(
        [...this.files].map(([source, files]) => [
          source,
          [...files].map(([name, etag]) => ({
            path: name,
            etag,
            size: etag.length,
            uri: `s3://raw/${name}`,
            ...(this.written.has(name) && { writtenAt: this.written.get(name)! }),
          })),
        ]),
      ),
    }),
    present: async (_, state) => state,
    // The model trained last is live, unless it was rolled back.
    models: async () => {
      const promoted = this.versions.get('train_churn');
      if (promoted === undefined) return new Map();
      return new Map([['churn', { live: this.rolledBackTo ?? promoted, promoted, versions: [promoted] }]]);
    },
    writeOrder: async (order) => {
      this.orders.set(order.run, structuredClone(order));
      return `s3://lake/runs/${order.run}/work.json`;
    },
    order: async (run) => this.orders.get(run),
    outcomes: async (run) => this.reported.get(run) ?? [],
    alive: async ({ holder }) => this.working.has(holder),
    now: () => new Date('2025-07-01T00:00:00Z'),
  };

  claim(run: string, { holder = run, parameters = {} }: { holder?: string; parameters?: Record<string, string> } = {}) {
    this.working.add(holder);
    return claim({ pipeline: 'churn', run, plan: 'p', data: 'd', holder, parameters }, this.ports);
  }

  /** What the engine does for a task: the commit, and then the report. */
  commitTable(item: WorkItem): void {
    const rows = this.bronze.get(item.task);
    if (rows !== undefined) {
      const replaced = new Set([
        ...(item.files ?? []).filter((file) => file.replace).map((file) => file.path),
        ...(item.withdrawn ?? []),
      ]);
      const stay = item.mode === 'full' ? [] : rows.filter(([name]) => !replaced.has(name));
      const come = (item.files ?? []).map((file): [string, string] => [file.path, file.etag]);
      this.bronze.set(item.task, [...stay, ...come]);
    }
    this.versions.set(item.task, (this.versions.get(item.task) ?? 0) + 1);
  }

  report(order: WorkOrder, item: WorkItem): void {
    const task = plan.tasks.find((entry) => entry.name === item.task)!;
    const consumed = Object.fromEntries(task.upstream.map((name) => [name, this.versions.get(name) ?? 0]));
    const rewritten = item.mode === 'full' || (item.files ?? []).some((file) => file.replace);
    const outcome = { version: this.versions.get(item.task)!, rewritten, consumed, seconds: 1, stage: task.stage };
    const read = this.rows.get(item.task) ?? 0;
    const account = { read, written: read, aggregated: {}, deduplicated: 0, filtered: {}, quarantined: {} };
    const rest = { task: item.task, kind: task.kind, mode: item.mode, lookups: {}, warnings: [] };
    this.reported.set(order.run, [...(this.reported.get(order.run) ?? []), { ...account, ...rest, ...outcome }]);
  }

  /** A whole run. */
  async run(name: string, parameters: Record<string, string> = {}): Promise<WorkOrder | undefined> {
    const { claimed } = await this.claim(name, { parameters });
    const order = this.orders.get(name);
    if (order === undefined) return undefined;
    for (const item of order.items) {
      this.commitTable(item);
      this.report(order, item);
    }
    await commit({ pipeline: 'churn', run: name, token: claimed.token }, this.ports);
    this.working.delete(name);
    return order;
  }

  put(source: string, name: string, etag: string): void {
    this.files.get(source)!.set(`${source}/${name}`, etag);
  }
}

async function account(): Promise<Account> {
  const made = new Account();
  for (const source of sources) made.put(source, 'a', '1');
  return made;
}

const refusal = async (action: Promise<unknown>) => {
  const error = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(MillraceError);
  return (error as MillraceError).issues[0]!;
};

bookmarkStoreSuite('memory', async () => {
  const { ports } = new Account();
  return () => ports.store;
});

describe('the published metrics of a run', () => {
  test('include the age of the newest input, whatever the run does, unless it is unknown', async () => {
    const here = await account();
    const now = here.ports.now();
    const measured = async (run: string) =>
      metricsOf({ action: 'claim' }, (await here.claim(run)).claimed, now).map(({ name, value }) => [name, value]);
    expect(await measured('r0')).toEqual([]);
    here.working.clear();
    here.written.set('customers/a', '2025-06-30T12:00:00.000Z').set('interactions/a', '2025-06-30T23:00:00.000Z');
    expect(await measured('r1')).toEqual([['InputAge', 3600]]);
    // Claimed again by the same run, and by one that has nothing to do.
    expect(await measured('r1')).toEqual([['InputAge', 3600]]);
    here.working.clear();
    await here.run('r2');
    const { claimed } = await here.claim('r3');
    expect(claimed).toMatchObject({ token: 0, newestInput: '2025-06-30T23:00:00.000Z' });
    // A clock behind that of the store must not make the age negative.
    expect(metricsOf({ action: 'claim' }, claimed, new Date('2025-06-01'))).toMatchObject([{ value: 0 }]);
  });

  test('do not treat a file that was rewritten without a change as a new file', async () => {
    const here = await account();
    here.written.set('customers/a', '2025-06-30T12:00:00.000Z');
    await here.run('r1');
    here.written.set('customers/a', '2025-06-30T13:00:00.000Z');
    expect(await here.run('r2')).toBeUndefined();
  });

  test('include the rows of each source and of all once committed, and the share in quarantine', async () => {
    const here = await account();
    here.rows.set('customers', 30).set('interactions', 70);
    const { claimed } = await here.claim('r1');
    const order = here.orders.get('r1')!;
    for (const item of order.items) here.report(order, item);
    const [first, ...rest] = here.reported.get('r1')!;
    here.reported.set('r1', [{ ...first!, quarantined: { torn: 20 } }, ...rest]);
    const settled = await commit({ pipeline: 'churn', run: 'r1', token: claimed.token }, here.ports);
    expect(metricsOf({ action: 'commit' }, settled, here.ports.now())).toEqual([
      { name: 'QuarantineShare', value: 0.2 },
      { name: 'RowsRead', value: 100 },
      ...sources.map((source) => ({
        name: 'RowsRead',
        value: { customers: 30, interactions: 70 }[source] ?? 0,
        dimensions: { Source: source },
      })),
    ]);
    expect(metricsOf({ action: 'abort' }, settled, here.ports.now())).toEqual([]);
  });
});

describe('a claim', () => {
  test('takes everything to do, by key, etag and size, and returns a small answer', async () => {
    const here = await account();
    for (let i = 0; i < 10_000; i++) here.put('interactions', `part-${i}`, String(i));
    const { claimed } = await here.claim('r1');
    expect(claimed).toMatchObject({ run: 'r1', token: 1, stages: ['build', 'predict'] });
    expect(claimed.trains).toMatchObject([{ model: 'churn', version: 1 }]);
    expect(JSON.stringify(claimed).length).toBeLessThan(500);
    const taken = here.orders.get('r1')!.items.find((item) => item.task === 'interactions')!;
    expect(taken.files).toHaveLength(10_001);
    expect(taken.files).toContainEqual({
      path: 'interactions/part-7',
      etag: '7',
      size: 1,
      uri: 's3://raw/interactions/part-7',
      replace: false,
    });
  });

  test('takes nothing if there is nothing to do', async () => {
    const here = await account();
    await here.run('r1');
    const before = here.states.get('churn');
    expect((await here.claim('r2')).claimed).toEqual({ run: 'r2', token: 0, work: '', stages: [], trains: [] });
    expect(here.states.get('churn')).toEqual(before);
  });

  test('includes forced tasks and everything downstream', async () => {
    const here = await account();
    await here.run('r1');
    const request = { pipeline: 'churn', plan: 'p', data: 'd' };
    // The live version learned from these rows, so training again would give the same model.
    const idle = await peek({ ...request, parameters: { force: ['train'] } }, here.ports);
    expect(idle.decisions.items).toEqual([]);
    expect(idle.decisions.skipped).toContainEqual({
      task: 'train_churn',
      why: 'nothing new to learn: the live v1 learned from the same rows in the same way',
    });
    here.rolledBackTo = 0;
    const { decisions } = await peek({ ...request, parameters: { force: ['train'] } }, here.ports);
    expect(decisions.items.map(({ task, mode, why }) => [task, mode, why])).toEqual([
      ['train_churn', 'full', 'forced'],
      ['predictions', 'full', 'new rows in train_churn'],
    ]);
    const issue = await refusal(peek({ ...request, parameters: { force: ['trian'] } }, here.ports));
    expect(issue).toMatchObject({ code: 'MR516', hint: expect.stringContaining('train') as string });
  });

  test('that was forced and not completed is done by the next run, and shown by plan', async () => {
    const here = await account();
    await here.run('r1');
    const request = { pipeline: 'churn', plan: 'p', data: 'd' };
    here.working.add('r2');
    const parameters = { force: ['train', 'regions_clean'] };
    const { claimed } = await claim({ ...request, run: 'r2', holder: 'r2', parameters }, here.ports);
    await abort({ pipeline: 'churn', run: 'r2', token: claimed.token }, here.ports);
    const asked = async () =>
      (await peek(request, here.ports)).decisions.items.filter(({ why }) => why === 'forced').map(({ task }) => task);
    expect(await asked()).toEqual(['regions_clean', 'train_churn']);
    await here.run('r3');
    expect(await asked()).toEqual([]);
    expect(here.states.get('churn')!.inDoubt).toEqual({});
  });

  test('covers a file that was restored after a stopped run may have read another version', async () => {
    const here = await account();
    await here.run('r1');
    here.put('customers', 'a', '2');
    const { claimed } = await here.claim('r2');
    const order = here.orders.get('r2')!;
    here.commitTable(order.items.find((item) => item.task === 'customers')!);
    await abort({ pipeline: 'churn', run: 'r2', token: claimed.token }, here.ports);
    here.put('customers', 'a', '1');
    await here.run('r3');
    expect(here.bronze.get('customers')).toEqual([['customers/a', '1']]);
    // A file that was new and has disappeared again is withdrawn.
    here.put('customers', 'b', '1');
    const next = await here.claim('r4');
    here.commitTable(here.orders.get('r4')!.items.find((item) => item.task === 'customers')!);
    await abort({ pipeline: 'churn', run: 'r4', token: next.claimed.token }, here.ports);
    here.files.get('customers')!.delete('customers/b');
    await here.run('r5');
    expect(here.bronze.get('customers')).toEqual([['customers/a', '1']]);
  });

  test('is refused while another holder works, and peek still answers', async () => {
    const here = await account();
    await here.claim('r1');
    const issue = await refusal(here.claim('r2'));
    expect(issue).toMatchObject({ code: 'MR504', message: expect.stringContaining('r1') as string });
    const seen = await peek({ pipeline: 'churn', plan: 'p', data: 'd' }, here.ports);
    expect(seen.state.claim?.run).toBe('r1');
  });

  test('repeated by its own run is the same claim, so that a lost answer does no harm', async () => {
    const here = await account();
    const first = await here.claim('r1');
    here.put('customers', 'late', '1');
    expect((await here.claim('r1')).claimed).toEqual(first.claimed);
    expect(here.states.get('churn')!.sequence).toBe(1);
  });

  test('decides again if another writer was faster, and gives up in the end', async () => {
    const here = await account();
    here.conflicts = 3;
    expect((await here.claim('r1')).claimed.token).toBe(1);
    here.conflicts = 99;
    await expect(here.claim('r1b', { holder: 'r1' })).rejects.toThrow();
  });

  test('takes over from a holder that has ended, and keeps what that one did', async () => {
    const here = await account();
    await here.claim('r1');
    const order = here.orders.get('r1')!;
    const [first, second] = order.items;
    here.commitTable(first!);
    here.report(order, first!);
    here.commitTable(second!); // committed, but not reported
    here.working.delete('r1');
    const { claimed } = await here.claim('r2');
    expect(claimed.token).toBe(2);
    const items = here.orders.get('r2')!.items;
    expect(items.map((item) => item.task)).not.toContain(first!.task);
    expect(items.find((item) => item.task === second!.task)).toMatchObject({ mode: 'full' });
  });
});

describe('commit and abort', () => {
  test('are fenced: a holder whose claim was taken over changes nothing', async () => {
    const here = await account();
    const { claimed } = await here.claim('r1');
    here.working.delete('r1');
    await here.claim('r2');
    const before = here.states.get('churn');
    for (const action of [commit, abort]) {
      const issue = await refusal(action({ pipeline: 'churn', run: 'r1', token: claimed.token }, here.ports));
      expect(issue).toMatchObject({ code: 'MR514', message: expect.stringContaining('run r2 (token 2)') as string });
    }
    expect(here.states.get('churn')).toEqual(before);
  });

  test('have the same effect when repeated', async () => {
    const here = await account();
    await here.run('r1');
    const before = here.states.get('churn');
    const again = await commit({ pipeline: 'churn', run: 'r1', token: 1 }, here.ports);
    expect(again.settled).toHaveLength(plan.tasks.length);
    expect(here.states.get('churn')).toEqual(before);
  });

  test('abort keeps what is done and leaves the rest for the next run', async () => {
    const here = await account();
    const { claimed } = await here.claim('r1');
    const order = here.orders.get('r1')!;
    here.commitTable(order.items[0]!);
    here.report(order, order.items[0]!);
    await abort({ pipeline: 'churn', run: 'r1', token: claimed.token }, here.ports);
    expect(here.states.get('churn')).not.toHaveProperty('claim');
    const next = await here.run('r2');
    expect(next!.items.map((item) => item.task)).toEqual(order.items.slice(1).map((item) => item.task));
  });
});

describe('rewind and set', () => {
  test('a rewound input is read again in place of its rows', async () => {
    const here = await account();
    here.put('customers', 'b', '1');
    await here.run('r1');
    expect(await rewind({ pipeline: 'churn', source: 'customers', paths: ['customers/b'] }, here.ports)).toEqual([
      'customers/b',
    ]);
    const order = await here.run('r2');
    expect(order!.items[0]!.files).toMatchObject([{ path: 'customers/b', replace: true }]);
    expect(here.bronze.get('customers')!.sort()).toEqual([
      ['customers/a', '1'],
      ['customers/b', '1'],
    ]);
    expect(await rewind({ pipeline: 'churn', source: 'customers' }, here.ports)).toHaveLength(2);
  });

  test('an input that is set is not read', async () => {
    const here = await account();
    await here.run('r1');
    here.put('customers', 'old', '1');
    const request = { pipeline: 'churn', source: 'customers', plan: 'p', data: 'd' };
    expect(await set(request, here.ports)).toEqual(['customers/old']);
    expect(await here.run('r2')).toBeUndefined();
    here.put('customers', 'old', '2');
    expect((await here.run('r3'))!.items[0]!.files).toMatchObject([{ path: 'customers/old', replace: true }]);
  });

  test('an input that is set is not read in a full run, and its missing rows are no error', async () => {
    const here = await account();
    await here.run('r1');
    here.put('customers', 'old', '7');
    await set({ pipeline: 'churn', source: 'customers', plan: 'p', data: 'd' }, here.ports);
    const second = await here.run('r2', { force: 'customers' });
    expect(second!.items[0]).toMatchObject({ task: 'customers', mode: 'full', files: [{ path: 'customers/a' }] });
    here.files.get('customers')!.delete('customers/old');
    here.put('customers', 'b', '8');
    expect((await here.run('r3'))!.warnings ?? []).toEqual([]);
    expect(here.bronze.get('customers')!.sort()).toEqual([
      ['customers/a', '1'],
      ['customers/b', '8'],
    ]);
  });

  test('an input that is rewound after it was withdrawn is read again', async () => {
    const here = await account();
    await here.run('r1');
    await withdraw({ pipeline: 'churn', source: 'customers', paths: ['customers/a'] }, here.ports);
    await rewind({ pipeline: 'churn', source: 'customers', paths: ['customers/a'] }, here.ports);
    const order = await here.run('r2');
    expect(order!.items[0]!.files).toMatchObject([{ path: 'customers/a', replace: true }]);
    expect(here.bronze.get('customers')).toEqual([['customers/a', '1']]);
    expect(await here.run('r3')).toBeUndefined();
  });

  test('report what they do not know, and do not wait', async () => {
    const here = await account();
    const unknown = await refusal(rewind({ pipeline: 'churn', source: 'customers' }, here.ports));
    expect(unknown).toMatchObject({ code: 'MR513', hint: 'run the pipeline first' });
    await here.run('r1');
    const missing = await refusal(
      rewind({ pipeline: 'churn', source: 'customers', paths: ['customers/x'] }, here.ports),
    );
    expect(missing).toMatchObject({ code: 'MR513', path: 'customers/x' });
    here.put('customers', 'b', '1');
    await here.claim('r2');
    expect(await refusal(rewind({ pipeline: 'churn', source: 'customers' }, here.ports))).toMatchObject({
      code: 'MR504',
    });
  });
});

/** What may happen: files arrive or are rewritten, and runs start and end in every possible way. */
const happening = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('put'), source: fc.nat(3), file: fc.nat(3), etag: fc.nat(5) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('end', 'abort', 'die'),
      /** How many tasks committed, and whether the last of them was reported. */
      done: fc.nat(12),
      hasReport: fc.boolean(),
      conflicts: fc.nat(2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rewind'), source: fc.nat(3) }) },
);

test('whatever happens, after a successful run each input is in bronze exactly once, in its newest version', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 14 }), async (happenings) => {
      const here = await account();
      let runs = 0;
      for (const what of happenings) {
        if ('file' in what) here.put(sources[what.source]!, `f${what.file}`, String(what.etag));
        else if ('source' in what) {
          if (here.states.get('churn')?.tasks[sources[what.source]!] === undefined) continue;
          if (here.states.get('churn')?.claim !== undefined) continue;
          await rewind({ pipeline: 'churn', source: sources[what.source]! }, here.ports);
        } else {
          const run = `r${++runs}`;
          here.conflicts = what.conflicts;
          const { claimed } = await here.claim(run);
          here.working.delete(run);
          const order = here.orders.get(run);
          if (order === undefined) continue;
          const reached = what.kind === 'end' ? order.items : order.items.slice(0, what.done);
          for (const [i, item] of reached.entries()) {
            here.commitTable(item);
            const last = i === reached.length - 1 && what.kind !== 'end';
            if (!last || what.hasReport) here.report(order, item);
          }
          if (what.kind === 'end') await commit({ pipeline: 'churn', run, token: claimed.token }, here.ports);
          if (what.kind === 'abort') await abort({ pipeline: 'churn', run, token: claimed.token }, here.ports);
        }
      }
      here.conflicts = 0;
      await here.run('last');
      for (const source of sources) {
        expect([source, here.bronze.get(source)!.sort()]).toEqual([source, [...here.files.get(source)!].sort()]);
      }
      expect(await here.run('idle')).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
