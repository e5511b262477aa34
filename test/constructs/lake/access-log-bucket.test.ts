import { RemovalPolicy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AccessLogBucket } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { onlyOf, plainStack, typesIn } from '../alone.ts';

function logs(removal: RemovalPolicy) {
  const { stack } = plainStack();
  new AccessLogBucket(stack, 'Logs', { bucketName: 'acme-logs', removal, keepDays: 90 });
  return stack;
}

test("access logs go to a bucket encrypted by S3's own keys, because S3 delivers them to no other", () => {
  const stack = logs(RemovalPolicy.RETAIN);
  expect(typesIn(stack)).toEqual(['AWS::S3::Bucket', 'AWS::S3::BucketPolicy']);
  expect(onlyOf(stack, 'AWS::S3::Bucket')).toMatchObject({
    BucketName: 'acme-logs',
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
  });
});

test('they are kept for the given days, and no longer', () => {
  expect(onlyOf(logs(RemovalPolicy.RETAIN), 'AWS::S3::Bucket').LifecycleConfiguration.Rules).toEqual([
    {
      Id: 'keep',
      Status: 'Enabled',
      ExpirationInDays: 90,
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    },
  ]);
});

test('it is kept or deleted with its stack, as declared', () => {
  for (const [removal, policy] of [
    [RemovalPolicy.RETAIN, 'Retain'],
    [RemovalPolicy.DESTROY, 'Delete'],
  ] as const)
    Template.fromStack(logs(removal)).hasResource('AWS::S3::Bucket', { DeletionPolicy: policy });
});
