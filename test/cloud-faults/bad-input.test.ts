import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isTwinInstalled } from '../../twin/ministack.ts';
import { millrace } from '../e2e/lab.ts';
import { type Deployed, deployed, eventually } from './deployed.ts';

/** Mistakes of people and bad objects on a deployed pipeline: each has a code and a hint, and the next run repairs it. */
describe.skipIf(!isTwinInstalled())('a deployed pipeline', () => {
  let here: Deployed;
  beforeAll(async () => {
    here = await deployed();
    expect(await here.run()).toMatchObject({ status: 'SUCCEEDED' });
  });
  afterAll(() => here?.[Symbol.asyncDispose]());

  const healed = async () => {
    expect(await here.run()).toMatchObject({ status: 'SUCCEEDED' });
    expect(await here.unsettled()).toEqual([]);
    expect(await here.differences()).toEqual([]);
  };
  /** A run that fails with a code and a hint. The twin does not report the name of an error that a function throws. */
  const refused = (code: string) => ({
    status: 'FAILED',
    cause: expect.stringMatching(new RegExp(`${code}\\W[\\s\\S]*hint\\W+.{10}`)) as string,
  });
  const stateObject = async () => (await here.keys(here.lake, 'bookmarks/churn/')).at(-1)!;
  const bytesOf = async (bucket: string, key: string) => Buffer.from(await here.bytes(bucket, key));

  test('whose plan was deleted claims nothing until it is deployed again: MR750', async () => {
    await here.addCustomers();
    const { PLAN_BUCKET: bucket, PLAN_KEY: key } = await here.variables('trigger');
    const plan = await bytesOf(bucket!, key!);
    try {
      await here.remove(bucket!, key!);
      expect(await here.run()).toMatchObject(refused('MR750'));
      await here.put(bucket!, key!, JSON.stringify({ ...JSON.parse(plan.toString()), version: 2 }));
      expect(await here.run()).toMatchObject(refused('MR750'));
    } finally {
      await here.put(bucket!, key!, plan);
    }
    await healed();
  });

  test('whose bookmarks are damaged claims nothing until the object is restored: MR503', async () => {
    const key = await stateObject();
    const bytes = await bytesOf(here.lake, key);
    await here.put(here.lake, key, bytes.subarray(0, bytes.length / 2));
    const damaged = await here.run();
    await here.put(here.lake, key, bytes);
    expect(damaged).toMatchObject(refused('MR503'));
    expect(await here.run()).toMatchObject({ status: 'SUCCEEDED', output: { nothing: true } });
  });

  test('whose bookmarks are lost rebuilds everything, and misses no row that arrived since', async () => {
    await here.addCustomers();
    await here.remove(here.lake, await stateObject());
    expect(await here.run()).toMatchObject(refused('MR503'));
    const Key = { pk: { S: 'bookmarks#churn' }, sk: { S: 'head' } };
    await new DynamoDBClient({}).send(new DeleteItemCommand({ TableName: here.bookmarksTable, Key }));
    await healed();
  });

  test('that lost the manifest of its model trains it again', async () => {
    const [live] = (await here.registry.history('churn')).slice(-1);
    const manifest = `models/churn/churn/v${live!.version}/manifest.json`;
    const text = await here.account.text(here.lake, manifest);
    await here.remove(here.lake, manifest);
    await healed();
    expect((await here.registry.live('churn'))!.version).toBeGreaterThan(live!.version);
    // As its hint says: a later test rolls back to this version.
    await here.put(here.lake, manifest, text);
  });

  test('with a lake full of foreign objects works as usual', async () => {
    const foreign = [
      'notes.txt',
      'runs/readme.md',
      'runs/churn/readme.md',
      'models/churn/README',
      'lake/churn/bronze/customers/part-x.parquet',
    ];
    for (const key of [...foreign, 'bookmarks/churn/9999999999-x.json.gz']) await here.put(here.lake, key, 'not ours');
    await here.addCustomers();
    await healed();
    await here.remove(here.lake, 'bookmarks/churn/9999999999-x.json.gz');
  });

  test('whose input disappears between claim and reading names it (MR206), and the next run ingests the rest', async () => {
    const [gone] = [await here.addCustomers(), await here.addCustomers()];
    const { held, release } = await here.holdEngine();
    const outcome = await here.trigger();
    await held();
    await here.removeRaw(gone);
    await release();
    const { run } = outcome as { run: string };
    expect(await here.ended(run)).toMatchObject({
      status: 'FAILED',
      cause: expect.stringMatching(/MR206[\s\S]*added/),
    });
    await healed();
  });

  test("has nothing to do if an event's object no longer exists", async () => {
    const outcome = await here.trigger(batch([objectEvent('gone', 'churn/customers/never.csv')]));
    expect(outcome).toEqual({ batchItemFailures: [] });
    const run = await here.latest();
    expect(await here.ended(run)).toMatchObject({ status: 'SUCCEEDED', output: { nothing: true } });
  });

  test('runs once if it is started twice by hand at once; the other start names the running one: MR504', async () => {
    await here.addCustomers();
    const { held, release } = await here.holdEngine();
    const runs = ['by-hand-1', 'by-hand-2'];
    await Promise.all(runs.map((run) => here.byHand(run)));
    await held();
    const loser = await Promise.any(runs.map((run) => here.ended(run)));
    expect(loser).toMatchObject(refused('MR504'));
    await release();
    const winner = runs.find((run) => run !== loser.run)!;
    expect(loser.cause).toContain(winner);
    expect(await here.ended(winner)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await here.unsettled()).toEqual([]);
    expect(await here.differences()).toEqual([]);
  });

  test('whose schedule fires during a run starts nothing then, but starts a run the next time', async () => {
    await here.addCustomers();
    const { held, release } = await here.holdEngine();
    const { run } = (await here.trigger()) as { run: string };
    await held();
    const before = (await here.account.runs(here.machine)).length;
    const schedule = { cause: 'schedule', time: '2026-11-21T03:00:00Z' };
    const met = { started: false, why: 'running', run, remembered: false };
    expect(await here.trigger(schedule)).toEqual(met);
    expect(await here.trigger({ cause: 'manual' })).toEqual(met);
    await release();
    expect(await here.ended(run)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await here.account.runs(here.machine)).toHaveLength(before);
    const next = await here.trigger({ ...schedule, time: '2026-11-22T03:00:00Z' });
    expect(next).toMatchObject({ started: true });
    expect(await here.ended((next as { run: string }).run)).toMatchObject({ output: { nothing: true } });
    expect(await here.differences()).toEqual([]);
  });

  test('starts at most two runs for 10,000 object events, some repeated', async () => {
    await here.addCustomers();
    const before = new Set((await here.account.runs(here.machine)).map(({ name }) => name));
    const events = Array.from({ length: 10_000 }, (_, i) =>
      objectEvent(`burst-${i % 9_900}`, `churn/customers/${i}.csv`),
    );
    const batches = Array.from({ length: 10 }, (_, i) => batch(events.slice(i * 1000, (i + 1) * 1000)));
    // Two at a time, like the queue.
    for (let i = 0; i < batches.length; i += 2) {
      const answers = await Promise.all(batches.slice(i, i + 2).map((one) => here.trigger(one)));
      expect(answers).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
    }
    await eventually(async () => {
      const runs = await here.account.runs(here.machine);
      return runs.every(({ status }) => status !== 'RUNNING') ? true : undefined;
    });
    await here.settledTrigger();
    const started = (await here.account.runs(here.machine)).filter(({ name }) => !before.has(name));
    expect(started.length).toBeGreaterThanOrEqual(1);
    expect(started.length).toBeLessThanOrEqual(2);
    expect(await here.unsettled()).toEqual([]);
  });

  test('rolls back once if the alarm is delivered twice at once, and the gate does not promote that version again', async () => {
    const log = await here.registry.history('churn');
    const live = log.at(-1)!;
    const alarm = alarmEvent(here.churn.alarm('churn-model-worse'));
    const respond = () =>
      here.account.invoke(here.churn.function('respond'), alarm).catch((error: Error) => error.message);
    const said = [...(await Promise.all([respond(), respond()])), await respond()];
    for (const one of said) {
      if (typeof one === 'string') expect(one).toContain('MR681');
      else expect(one).toMatchObject([{ action: 'rollback', outcome: expect.stringMatching(/done|seen/) as string }]);
    }
    const after = await here.registry.history('churn');
    expect(after.slice(log.length)).toMatchObject([{ rollback: { from: live.version } }]);
    expect((await here.audits()).filter((entry) => entry === 'rollback done')).toHaveLength(1);
    const { version, run } = live;
    const asked = { pipeline: 'churn', model: 'churn', version, run, gate: { auc: 0.5 } };
    expect(await here.account.invoke(here.churn.function('quality'), asked)).toMatchObject({
      verdict: 'hold',
      reason: expect.stringContaining('rolled back') as string,
    });
    expect(await here.registry.history('churn')).toEqual(after);
  });

  test('has its models listed, shown, compared, promoted and rolled back from this machine', async () => {
    const models = async (...words: string[]) => {
      const said = await millrace('models', ...words, '--env', 'twin', '--json');
      expect([words, said.code, said.err]).toEqual([words, 0, expect.not.stringMatching(/MR\d/)]);
      return JSON.parse(said.out) as Record<string, unknown>;
    };
    const settled = async () => {
      await here.settledTrigger();
      expect(await here.unsettled()).toEqual([]);
    };
    await settled();
    const before = await here.registry.history('churn');
    const live = (await here.registry.live('churn'))!.version;
    const whole = (await here.keys(here.lake, 'models/churn/churn/')).flatMap((key) => {
      const [, version] = /v(\d+)\/manifest\.json$/.exec(key) ?? [];
      return version === undefined || Number(version) === live ? [] : [Number(version)];
    });
    const other = Math.max(...whole);
    expect(other).toBeGreaterThan(0);
    expect(await models('list', 'churn')).toMatchObject({ models: [{ model: 'churn', live }] });
    const shown = await millrace('models', 'show', 'churn', '--env', 'twin');
    expect(shown.out).toMatch(new RegExp(`^model churn v${live} {2}live\n`));
    expect(await models('compare', 'churn', `v${other}`)).toMatchObject({
      versions: [other, live].sort((a, b) => a - b),
    });

    await models('promote', 'churn', `v${other}`);
    expect((await here.registry.live('churn'))!.version).toBe(other);
    await settled();
    await models('rollback', 'churn');
    const after = await here.registry.history('churn');
    expect(after.slice(before.length)).toMatchObject([
      { version: other },
      { version: live, rollback: { from: other } },
    ]);
    await settled();
    // The engine reads what is live from the copy in the lake.
    const copy = await here.account.text(here.lake, 'models/churn/churn/promotions.jsonl');
    expect(
      copy
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { version: number }).version),
    ).toEqual(after.map(({ version }) => version));
  });
});

const objectEvent = (id: string, key: string) => ({
  id,
  'detail-type': 'Object Created',
  time: '2026-11-21T08:00:00Z',
  detail: { bucket: { name: 'millrace-twin-raw-000000000000-us-east-1' }, object: { key } },
});

const batch = (events: readonly { id: string }[]) => ({
  Records: events.map((event, i) => ({ messageId: `m${i}`, eventSource: 'aws:sqs', body: JSON.stringify(event) })),
});

const alarmEvent = (alarmName: string) => ({
  'detail-type': 'CloudWatch Alarm State Change',
  detail: {
    alarmName,
    state: { value: 'ALARM', reason: 'set by the test', timestamp: new Date().toISOString().replace('Z', '+0000') },
    configuration: { metrics: [{ metricStat: { metric: { dimensions: { Model: 'churn' } } } }] },
  },
});
