import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { churn, resources, synthesised } from './synthesised.ts';

const prod = synthesised('prod');
const dev = synthesised('dev');
const template = prod.templates['data']!;

describe('the data stack', () => {
  test('has five kinds of resources with data, and prod retains all of them', () => {
    const stateful = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::KMS::Key'];
    const kept = Object.values(resources(template)).filter(({ Type }) => stateful.includes(Type));
    expect(kept).toHaveLength(4 + 3 + 1);
    for (const { DeletionPolicy, UpdateReplacePolicy } of kept) {
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
    }
    const guarded = ({ stacks }: typeof prod) => stacks.filter((stack) => stack.terminationProtection);
    expect(guarded(prod).map((stack) => stack.stackName)).toEqual(['millrace-prod-data']);
    expect(guarded(dev)).toEqual([]);
    const gone = Object.values(resources(dev.templates['data']!, 'AWS::S3::Bucket'));
    expect(new Set(gone.map(({ DeletionPolicy }) => DeletionPolicy))).toEqual(new Set(['Delete']));
  });

  test('every bucket is versioned, private and encrypted, and expires old versions', () => {
    const buckets = Object.values(resources(template, 'AWS::S3::Bucket'));
    const everything = {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    };
    for (const { Properties } of buckets) {
      expect(Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
      expect(Properties.PublicAccessBlockConfiguration).toEqual(everything);
      expect(Properties.OwnershipControls.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
      expect(Properties.LifecycleConfiguration.Rules[0].NoncurrentVersionExpiration.NoncurrentDays).toBeGreaterThan(0);
    }
    const encryption = buckets.map(
      ({ Properties }) =>
        Properties.BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm,
    );
    // S3 does not write access logs to a bucket with a KMS key.
    expect(encryption.sort()).toEqual(['AES256', 'aws:kms', 'aws:kms', 'aws:kms']);
  });

  test('temporary files of Glue and Spark expire with the logs', () => {
    const buckets = Object.values(resources(template, 'AWS::S3::Bucket'));
    const rules = buckets.flatMap(({ Properties }) => Properties.LifecycleConfiguration.Rules);
    expect(rules.filter(({ Prefix }) => Prefix !== undefined)).toEqual([
      { Id: 'passing', Prefix: 'temporary/', ExpirationInDays: 400, Status: 'Enabled' },
    ]);
  });

  test('every bucket refuses requests below TLS 1.2, and all but the log bucket are logged', () => {
    const policies = Object.values(resources(template, 'AWS::S3::BucketPolicy'));
    expect(policies).toHaveLength(4);
    for (const { Properties } of policies) {
      const denied = Properties.PolicyDocument.Statement.filter((s: { Effect: string }) => s.Effect === 'Deny');
      expect(denied.map((s: { Condition: unknown }) => s.Condition)).toEqual([
        { Bool: { 'aws:SecureTransport': 'false' } },
        { NumericLessThan: { 's3:TlsVersion': 1.2 } },
      ]);
    }
    const logged = Object.values(resources(template, 'AWS::S3::Bucket')).map(
      ({ Properties }) => Properties.LoggingConfiguration?.LogFilePrefix ?? 'not logged',
    );
    expect(logged.sort()).toEqual(['artefacts/', 'lake/', 'not logged', 'raw/']);
  });

  test('only the raw bucket announces new objects, and dev expires raw files', () => {
    const announcing = Object.values(resources(template, 'AWS::S3::Bucket')).filter(
      ({ Properties }) => Properties.NotificationConfiguration?.EventBridgeConfiguration?.EventBridgeEnabled === true,
    );
    expect(announcing.map(({ Properties }) => JSON.stringify(Properties.BucketName))).toEqual([
      expect.stringContaining('millrace-prod-raw-'),
    ]);
    const expiry = (of: typeof template) =>
      Object.values(resources(of, 'AWS::S3::Bucket'))
        .filter(({ Properties }) => JSON.stringify(Properties.BucketName).includes('-raw-'))
        .map(({ Properties }) => Properties.LifecycleConfiguration.Rules[1]?.ExpirationInDays);
    expect([expiry(template), expiry(dev.templates['data']!)]).toEqual([[undefined], [90]]);
  });

  test('the key rotates, and only the account and named services may use it', () => {
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    const [key] = Object.values(resources(template, 'AWS::KMS::Key'));
    const statements = key!.Properties.KeyPolicy.Statement as {
      Principal: object;
      Action: string[];
      Condition?: object;
    }[];
    for (const { Principal, Action, Condition } of statements) {
      expect(JSON.stringify(Principal)).not.toContain('*');
      expect(JSON.stringify(Action)).not.toContain('*');
      if ('Service' in Principal) expect(Object.keys(Condition ?? {})).toHaveLength(1);
    }
    // Without it, the policy could never be changed again.
    expect(statements[0]!.Action).toContain('kms:PutKeyPolicy');
  });

  test('tables have the keys pk and sk, are on demand, encrypted and restorable; runs expire', () => {
    template.resourceCountIs('AWS::DynamoDB::Table', 3);
    for (const kind of ['bookmarks', 'runs', 'registry']) {
      template.hasResourceProperties('AWS::DynamoDB::Table', {
        TableName: `millrace-prod-${kind}`,
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: Match.anyValue() },
        DeletionProtectionEnabled: true,
        TimeToLiveSpecification: kind === 'runs' ? { AttributeName: 'expires', Enabled: true } : Match.absent(),
      });
    }
  });

  test('the catalog has every table of the plan as native Delta, at the path of the engine', () => {
    const tables = Object.values(resources(template, 'AWS::Glue::Table')).map(({ Properties }) => Properties);
    const writing = churn.tasks.filter((task) => task.kind !== 'train');
    expect(tables.map((table) => table.TableInput.Name).sort()).toEqual(
      writing.map((task) => (task.kind === 'predict' ? task.table : task.name)).sort(),
    );
    for (const { DatabaseName, TableInput } of tables) {
      expect(DatabaseName).toBe('millrace_prod_churn');
      const layer = TableInput.Parameters['millrace.layer'];
      const location = JSON.stringify(TableInput.StorageDescriptor.Location);
      expect(location).toMatch(/"s3:\/\/millrace-prod-lake-/);
      expect(location).toContain(`/lake/churn/${layer}/${TableInput.Name}"`);
      expect(TableInput.Parameters).toMatchObject({ 'spark.sql.sources.provider': 'delta', table_type: 'DELTA' });
    }
  });
});
