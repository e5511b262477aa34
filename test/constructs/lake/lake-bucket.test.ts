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

test('a lake bucket is private, versioned and encrypted with the given key', () => {
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

test('it refuses connections below TLS 1.2', () => {
  const { stack } = bucketWith();
  const conditions = propertiesOf(stack, 'AWS::S3::BucketPolicy').map(({ PolicyDocument }) =>
    PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Deny').map(
      ({ Condition }: { Condition: unknown }) => Condition,
    ),
  );
  const refused = [{ Bool: { 'aws:SecureTransport': 'false' } }, { NumericLessThan: { 's3:TlsVersion': 1.2 } }];
  expect(conditions).toEqual([refused, refused]);
});

test('its accesses are logged in its own folder, through a bucket policy, because the log bucket refuses ACLs', () => {
  const { stack, lake, logs } = bucketWith();
  expect(lake.LoggingConfiguration).toMatchObject({ LogFilePrefix: 'lake/' });
  expect(logs.AccessControl).toBeUndefined();
  const delivery = propertiesOf(stack, 'AWS::S3::BucketPolicy')
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Principal }) => Principal.Service === 'logging.s3.amazonaws.com');
  expect(delivery).toMatchObject([{ Effect: 'Allow', Action: 's3:PutObject' }]);
});

test('overwritten objects expire after the given days, and delete markers with them', () => {
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

test('objects expire if declared, all or those of a folder', () => {
  const { lake } = bucketWith({ expireDays: 30, passing: { folder: 'temporary/', days: 2 } });
  expect(lake.LifecycleConfiguration.Rules.slice(1)).toEqual([
    { Id: 'expire', ExpirationInDays: 30, Status: 'Enabled' },
    { Id: 'passing', Prefix: 'temporary/', ExpirationInDays: 2, Status: 'Enabled' },
  ]);
  // S3 does not allow this marker together with an expiration rule.
  expect(lake.LifecycleConfiguration.Rules[0].ExpiredObjectDeleteMarker).toBeUndefined();
});

test('it sends new objects to EventBridge only if declared', () => {
  expect(bucketWith().lake.NotificationConfiguration).toBeUndefined();
  expect(bucketWith({ announces: true }).lake.NotificationConfiguration).toEqual({
    EventBridgeConfiguration: { EventBridgeEnabled: true },
  });
});
