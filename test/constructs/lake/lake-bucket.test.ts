import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogBucket, LakeBucket, type LakeBucketProps } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { keyArn, plainStack, propertiesOf } from '../alone.ts';

function bucketWith(more: Partial<LakeBucketProps> = {}) {
  const { stack, key } = plainStack();
  const removal = RemovalPolicy.RETAIN;
  const { bucket: accessLogs } = new AccessLogBucket(stack, 'Logs', { bucketName: 'acme-logs', removal, keepDays: 90 });
  new LakeBucket(stack, 'Lake', { bucketName: 'acme-lake', key, accessLogs, removal, oldVersionDays: 7, ...more });
  const named = (type: string, name: string) =>
    propertiesOf(stack, type).find(({ BucketName, Bucket }) =>
      [BucketName, Bucket].some((text) => text?.includes(name)),
    );
  return { stack, lake: named('AWS::S3::Bucket', 'acme-lake'), logs: named('AWS::S3::Bucket', 'acme-logs') };
}

test('a bucket of the lake is private, versioned and encrypted with the key that it is given', () => {
  const { lake } = bucketWith();
  expect(lake).toMatchObject({
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn },
        },
      ],
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    VersioningConfiguration: { Status: 'Enabled' },
  });
});

test('it refuses what is not TLS 1.2', () => {
  const { stack } = bucketWith();
  const conditions = propertiesOf(stack, 'AWS::S3::BucketPolicy').map(({ PolicyDocument }) =>
    PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Deny').map(
      ({ Condition }: { Condition: unknown }) => Condition,
    ),
  );
  const refused = [{ Bool: { 'aws:SecureTransport': 'false' } }, { NumericLessThan: { 's3:TlsVersion': 1.2 } }];
  expect(conditions).toEqual([refused, refused]);
});

test('its accesses are logged in a folder of its own, by a bucket policy and not by an ACL, which its log refuses', () => {
  const { stack, lake, logs } = bucketWith();
  expect(lake.LoggingConfiguration).toMatchObject({ LogFilePrefix: 'lake/' });
  expect(logs.AccessControl).toBeUndefined();
  const delivery = propertiesOf(stack, 'AWS::S3::BucketPolicy')
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Principal }) => Principal.Service === 'logging.s3.amazonaws.com');
  expect(delivery).toMatchObject([{ Effect: 'Allow', Action: 's3:PutObject' }]);
});

test('overwritten objects go after their days, and the mark of a deletion with them', () => {
  expect(bucketWith().lake.LifecycleConfiguration.Rules).toEqual([
    {
      Id: 'old-versions',
      Status: 'Enabled',
      NoncurrentVersionExpiration: { NoncurrentDays: 7 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      ExpiredObjectDeleteMarker: true,
    },
  ]);
});

test('objects expire where it says so, all or those of a folder', () => {
  const { lake } = bucketWith({ expireDays: 30, passing: { folder: 'temporary/', days: 2 } });
  expect(lake.LifecycleConfiguration.Rules.slice(1)).toEqual([
    { Id: 'expire', ExpirationInDays: 30, Status: 'Enabled' },
    { Id: 'passing', Prefix: 'temporary/', ExpirationInDays: 2, Status: 'Enabled' },
  ]);
  // S3 takes no such mark beside a rule that lets objects expire.
  expect(lake.LifecycleConfiguration.Rules[0].ExpiredObjectDeleteMarker).toBeUndefined();
});

test('it announces new objects to EventBridge only where it is asked to', () => {
  expect(bucketWith().lake.NotificationConfiguration).toBeUndefined();
  expect(bucketWith({ announces: true }).lake.NotificationConfiguration).toEqual({
    EventBridgeConfiguration: { EventBridgeEnabled: true },
  });
});
