import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ClaimRequest, claim } from '../../lib/bookmarks/claim.ts';
import { peek } from '../../lib/bookmarks/peek.ts';
import type { BookmarkPorts } from '../../lib/bookmarks/ports.ts';
import type { QualityPorts } from '../../lib/gate/ports.ts';
import { projectFolder } from '../../lib/local/root.ts';
import type { Plan } from '../../lib/plan/schema.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';

const golden = readFileSync(path.join(projectFolder, 'contracts', 'golden', 'churn.plan.json'), 'utf8');
const plan = JSON.parse(golden) as Plan;
const code = (text: string) => ({ issues: [{ code: text, hint: expect.stringMatching(/.{10}/) as string }] });

/** Wrong objects in place of our documents: each has a code and a hint, and does no harm. */
describe.skipIf(!isTwinInstalled())('documents in the buckets', () => {
  let twin: Twin;
  let ports: BookmarkPorts;
  let gate: QualityPorts;
  let world = 0;
  let lake: string;
  const before = { ...process.env };
  const s3 = () => new S3Client({ forcePathStyle: true });
  const put = (bucket: string, key: string, body: string) =>
    s3().send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  const remove = (bucket: string, key: string) => s3().send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  const request = (run = 'r1', more: Partial<ClaimRequest> = {}): ClaimRequest => ({
    pipeline: 'churn',
    plan: 's3://artefacts/plan.json',
    data: 's3://raw/churn',
    run,
    holder: `arn:aws:states:us-east-1:000000000000:execution:churn:${run}`,
    ...more,
  });
  const longAgo = async () => {
    const state = await ports.store.load('churn');
    await ports.store.save({ ...state, claim: { ...state.claim!, at: '2025-07-01T00:00:00Z' } });
  };

  beforeAll(async () => {
    twin = await startTwin({ patience: 2000 });
    Object.assign(process.env, twin.environment);
    for (const bucket of ['raw', 'artefacts']) await s3().send(new CreateBucketCommand({ Bucket: bucket }));
    for (const task of plan.tasks) {
      if (task.kind === 'ingest') await put('raw', `churn/${task.path.replace('*', 'a')}`, task.name);
    }
  });
  afterAll(async () => {
    await twin?.[Symbol.asyncDispose]();
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });
  beforeEach(async () => {
    world += 1;
    lake = `lake-${world}`;
    await s3().send(new CreateBucketCommand({ Bucket: lake }));
    await put('artefacts', 'plan.json', golden);
    for (const TableName of [`bookmarks-${world}`, `registry-${world}`]) {
      await new DynamoDBClient({}).send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
        }),
      );
    }
    const { bookmarkPorts } = await import('../../lib/aws/bookmark-ports.ts');
    const { qualityPorts } = await import('../../lib/aws/gate-ports.ts');
    const own = { PIPELINE: 'churn', ENVIRONMENT: 'test', LAKE_BUCKET: lake, METRIC_NAMESPACE: 'm' };
    const tables = { BOOKMARKS_TABLE: `bookmarks-${world}`, REGISTRY_TABLE: `registry-${world}` };
    ports = bookmarkPorts({ ...own, ...tables });
    gate = qualityPorts({ ...own, ...tables });
  });

  describe('the plan', () => {
    test.each([
      ['is not there', undefined],
      ['is no JSON', '{'],
      ['is of another version', golden.replace('"version": 1', '"version": 2').replace('"version":1', '"version":2')],
      ['is of another pipeline', golden.replace(/"pipeline":\s*"churn"/, '"pipeline":"fraud"')],
    ])('%s: MR750, and nothing is claimed', async (_, text) => {
      expect(text).not.toBe(golden);
      if (text === undefined) await remove('artefacts', 'plan.json');
      else await put('artefacts', 'plan.json', text);
      await expect(claim(request(), ports)).rejects.toMatchObject(code('MR750'));
      expect(await ports.store.load('churn')).toMatchObject({ revision: 0 });
    });

    test('in a missing bucket is MR750; outside S3 it is MR753', async () => {
      await expect(peek(request('r', { plan: 's3://nowhere/p.json' }), ports)).rejects.toMatchObject(code('MR750'));
      await expect(peek(request('r', { plan: './plan.json' }), ports)).rejects.toMatchObject(code('MR753'));
      await expect(peek(request('r', { data: '/home/me/data' }), ports)).rejects.toMatchObject(code('MR753'));
    });
  });

  describe('what a dead run left', () => {
    test('a damaged work order is MR751; once it is deleted, all its work is repeated and replaces what it left', async () => {
      await claim(request('r1'), ports);
      await longAgo();
      await put(lake, 'runs/churn/r1/work.json', '{"format":"millrace-work"');
      await expect(claim(request('r2'), ports)).rejects.toMatchObject(code('MR751'));
      await remove(lake, 'runs/churn/r1/work.json');
      const { claimed } = await claim(request('r2'), ports);
      expect(claimed.token).toBe(2);
      const files = (await ports.order('r2'))!.items.flatMap((item) => item.files ?? []);
      expect(files.length).toBeGreaterThan(0);
    });

    test('an invalid outcome is MR752; once it is deleted, its task runs again', async () => {
      await claim(request('r1'), ports);
      await longAgo();
      await put(lake, 'runs/churn/r1/tasks/customers.json', '{"another": "document"}');
      await expect(claim(request('r2'), ports)).rejects.toMatchObject(code('MR752'));
      await remove(lake, 'runs/churn/r1/tasks/customers.json');
      await claim(request('r2'), ports);
      expect((await ports.order('r2'))!.items.map(({ task }) => task)).toContain('customers');
    });

    test('a claim from the future, made by a wrong clock, holds no longer than a present one', async () => {
      await claim(request('r1'), ports);
      await expect(claim(request('r2'), ports)).rejects.toMatchObject(code('MR504'));
      const state = await ports.store.load('churn');
      await ports.store.save({ ...state, claim: { ...state.claim!, at: '2099-01-01T00:00:00Z' } });
      expect((await claim(request('r2'), ports)).claimed.token).toBe(2);
    });
  });

  describe('bookmarks that were lost', () => {
    test('continues counting from the newest work order, so that no table takes a new run for an old one', async () => {
      await put(lake, 'runs/churn/r-20261121t080000-aaaa/work.json', JSON.stringify(order('r-1', 7)));
      await put(lake, 'runs/churn/r-20261121t090000-bbbb/work.json', JSON.stringify(order('r-2', 6)));
      await put(
        lake,
        'runs/churn/r-20261121t100000-cccc/work.json',
        JSON.stringify({ ...order('r-3', 90), pipeline: 'fraud' }),
      );
      await put(lake, 'runs/churn/notes/work.json', 'no order at all');
      expect((await claim(request('r1'), ports)).claimed.token).toBe(8);
    });

    test('is found among more runs than one page lists', async () => {
      const names = Array.from({ length: 1005 }, (_, i) => `r-${String(i).padStart(6, '0')}`);
      await Promise.all(names.map((name) => put(lake, `runs/churn/${name}/run.json`, '{}')));
      await put(lake, 'runs/churn/r-001004/work.json', JSON.stringify(order('r-001004', 41)));
      expect((await claim(request('r1'), ports)).claimed.token).toBe(42);
    });
  });

  test('a lake full of foreign objects does not change what is claimed', async () => {
    await claim(request('r1'), ports);
    const clean = await ports.order('r1');
    await longAgo();
    const foreign = [
      'a.csv',
      'lake/x',
      'runs/',
      'runs/readme.txt',
      'runs/churn/readme.txt',
      'bookmarks/churn/0000000009-x.json.gz',
      'models/v9',
    ];
    for (const key of [...foreign, 'lake/churn/bronze/customers/part-0.parquet', 'models/churn/churn/v1/notes.txt']) {
      await put(lake, key, 'not ours');
    }
    await claim(request('r2'), ports);
    const items = (await ports.order('r2'))!.items.map(({ task, mode }) => [task, mode]);
    expect(items).toEqual(clean!.items.map(({ task, mode }) => [task, mode]));
  });

  test('a model without its manifest counts as never built and is trained again', async () => {
    const known = { fingerprint: 'f', parts: {}, run: 'r0', version: 3, rewrittenAt: 0, consumed: {} };
    const state = { ...(await ports.store.load('churn')), revision: 1, tasks: { train_churn: known } };
    await put(lake, 'models/churn/churn/v3/model.json', '{}');
    expect((await ports.present(plan, state)).tasks).not.toHaveProperty('train_churn');
    await put(lake, 'models/churn/churn/v3/manifest.json', '{}');
    expect((await ports.present(plan, state)).tasks).toHaveProperty('train_churn');
  });

  test('a missing or damaged dossier is MR404, with how to train again', async () => {
    await expect(gate.dossier('churn', 1)).rejects.toMatchObject(code('MR404'));
    await put(lake, 'models/churn/churn/v1/dossier.json', '{"metrics": {"auc": 1}}');
    await expect(gate.dossier('churn', 1)).rejects.toMatchObject(code('MR404'));
  });
});

const order = (run: string, sequence: number) => ({
  format: 'millrace-work',
  version: 1,
  run,
  pipeline: 'churn',
  sequence,
  startedAt: '2026-11-21T08:00:00Z',
  parameters: {},
  items: [],
  skipped: [],
});
