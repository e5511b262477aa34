import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer } from '../../lambdas/bookmarks/route.ts';
import type { Claimed } from '../../lib/bookmarks/claim.ts';
import type { BookmarkPorts } from '../../lib/bookmarks/ports.ts';
import { projectFolder } from '../../lib/local/root.ts';
import type { Plan } from '../../lib/plan/schema.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { bookmarkStoreSuite } from '../bookmarks/bookmark-stores.ts';

const golden = readFileSync(path.join(projectFolder, 'contracts', 'golden', 'churn.plan.json'), 'utf8');
const plan = JSON.parse(golden) as Plan;

describe.skipIf(!isTwinInstalled())('on the twin', () => {
  let twin: Twin;
  let tables = 0;
  const before = { ...process.env };
  const s3 = () => new S3Client({ forcePathStyle: true });
  const put = (bucket: string, key: string, body: string) =>
    s3().send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));

  const table = async () => {
    const name = `table-${++tables}`;
    await new DynamoDBClient({}).send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
    return name;
  };

  beforeAll(async () => {
    twin = await startTwin();
    Object.assign(process.env, twin.environment);
    for (const bucket of ['lake', 'raw', 'artefacts']) await s3().send(new CreateBucketCommand({ Bucket: bucket }));
    await put('artefacts', 'plan.json', golden);
    for (const task of plan.tasks) {
      if (task.kind === 'ingest') await put('raw', `churn/${task.path.replace('*', 'a')}`, task.name);
    }
    await put('raw', 'churn/customers/_SUCCESS.csv', 'no input');
    await put('raw', 'churn/customers/2025/deeper.csv', 'no input');
  });
  afterAll(async () => {
    await twin?.[Symbol.asyncDispose]();
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });

  bookmarkStoreSuite('DynamoDB and S3', async () => {
    const { bookmarkStore } = await import('../../lib/aws/bookmark-store.ts');
    const { bucketObjects } = await import('../../lib/aws/s3.ts');
    const name = await table();
    return () => bookmarkStore(name, bucketObjects('lake'));
  });

  test('each of these stores left one object, whatever was written and lost before', async () => {
    const listed = await s3().send(new ListObjectsV2Command({ Bucket: 'lake', Prefix: 'bookmarks/p/' }));
    expect(listed.Contents).toHaveLength(4);
  });

  describe('the bookmarks', () => {
    let ports: BookmarkPorts;
    const request = { pipeline: 'churn', plan: 's3://artefacts/plan.json', data: 's3://raw/churn' };
    const holder = 'arn:aws:states:us-east-1:000000000000:execution:churn:r1';
    beforeAll(async () => {
      const { bookmarkPorts } = await import('../../lib/aws/bookmark-ports.ts');
      const names = { BOOKMARKS_TABLE: await table(), REGISTRY_TABLE: await table(), LAKE_BUCKET: 'lake' };
      ports = bookmarkPorts({ PIPELINE: 'churn', ...names });
    });

    test('claims the objects of the sources, and writes the work order for the engine', async () => {
      const claimed = (await answer({ action: 'claim', run: 'r1', holder, ...request }, ports)) as Claimed;
      expect(claimed).toMatchObject({
        token: 1,
        work: 's3://lake/runs/churn/r1/work.json',
        stages: ['build', 'predict'],
      });
      const order = await ports.order('r1');
      const customers = order!.items.find((item) => item.task === 'customers')!;
      expect(customers.files).toMatchObject([
        { path: 'customers/a.csv', uri: 's3://raw/churn/customers/a.csv', size: 9, replace: false },
      ]);
      expect(customers.files![0]!.etag).toMatch(/^[0-9a-f]{32}$/);
      // The claim reports when the newest file was written, but that is not part of a file's identity.
      expect(Math.abs(Date.now() - Date.parse(claimed.newestInput!))).toBeLessThan(60_000);
      expect(Object.keys(customers.files![0]!).sort()).toEqual(['etag', 'path', 'replace', 'size', 'uri']);
    });

    test('keeps the claim of an execution that may just have started, and takes over that of a missing one', async () => {
      const early = answer({ action: 'claim', run: 'r2', holder, ...request }, ports);
      await expect(early).rejects.toThrow('MR504');
      const state = await ports.store.load('churn');
      await ports.store.save({ ...state, claim: { ...state.claim!, at: '2025-07-01T00:00:00Z' } });
      const next = (await answer({ action: 'claim', run: 'r2', holder, ...request }, ports)) as Claimed;
      expect(next.token).toBe(2);
      await expect(answer({ action: 'commit', pipeline: 'churn', run: 'r1', token: 1 }, ports)).rejects.toThrow(
        'MR514',
      );
      expect(await answer({ action: 'abort', pipeline: 'churn', run: 'r2', token: 2 }, ports)).toEqual({
        settled: [],
        read: 0,
        quarantined: 0,
        sources: {},
      });
    });

    test('names the source without objects, and where to put them', async () => {
      const empty = { ...request, data: 's3://raw/nothing' };
      await expect(answer({ action: 'peek', ...empty }, ports)).rejects.toMatchObject({
        issues: expect.arrayContaining([
          expect.objectContaining({ code: 'MR202', path: 's3://raw/nothing/customers/' }) as unknown,
        ]) as unknown,
      });
    });
  });
});
