import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Objects } from '../../lib/lake/objects.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { objectsSuite } from '../lake/objects-suite.ts';

describe.skipIf(!isTwinInstalled())('on the twin', () => {
  let twin: Twin;
  let buckets = 0;
  const before = { ...process.env };
  const s3 = () => new S3Client({ forcePathStyle: true });
  const fresh = async (): Promise<[string, Objects]> => {
    const bucket = `objects-${++buckets}`;
    await s3().send(new CreateBucketCommand({ Bucket: bucket }));
    const { bucketObjects } = await import('../../lib/aws/s3.ts');
    return [bucket, bucketObjects(bucket)];
  };

  beforeAll(async () => {
    twin = await startTwin();
    Object.assign(process.env, twin.environment);
  });
  afterAll(async () => {
    await twin?.[Symbol.asyncDispose]();
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });

  objectsSuite('a bucket', async () => (await fresh())[1]);

  test('an empty object that stands for a folder is not in its list', async () => {
    const [bucket, objects] = await fresh();
    await s3().send(new PutObjectCommand({ Bucket: bucket, Key: 'runs/', Body: '' }));
    await objects.write('runs/r1/work.json', '{}');
    expect([await objects.list('runs/'), await objects.list('')]).toEqual([['r1/'], ['runs/']]);
  });

  test('a bucket that does not exist has no object', async () => {
    const { bucketObjects } = await import('../../lib/aws/s3.ts');
    expect(await bucketObjects('nowhere').read('a')).toBeUndefined();
  });
});
