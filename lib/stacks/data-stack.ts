import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { AccessLogBucket } from '../constructs/lake/access-log-bucket.ts';
import { DataKey } from '../constructs/lake/data-key.ts';
import { DeltaCatalog } from '../constructs/lake/delta-catalog.ts';
import { KeyValueTable } from '../constructs/lake/key-value-table.ts';
import { LakeAccess } from '../constructs/lake/lake-access.ts';
import { LakeBucket } from '../constructs/lake/lake-bucket.ts';
import type { Environment } from '../environment/environment.ts';
import { namesOf } from '../environment/names.ts';
import type { Plan } from '../plan/schema.ts';

export interface DataStackProps extends StackProps {
  environment: Environment;
  plans: readonly Plan[];
}

/** All data resources of an environment. It changes seldom; with `removal: 'retain'` nothing in it can be deleted by mistake. */
export class DataStack extends Stack {
  readonly key: Key;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    const { environment, plans, ...rest } = props;
    const keep = environment.removal === 'retain';
    super(scope, id, { terminationProtection: keep, ...rest });
    const names = namesOf(environment);
    const { oldVersions, raw, accessLogs } = environment.retentionDays;
    const removal = keep ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;

    this.key = new DataKey(this, 'Encryption', { alias: names.keyAlias, removal }).key;
    const logs = new AccessLogBucket(this, 'AccessLogs', {
      bucketName: names.bucket('access-logs'),
      removal,
      keepDays: accessLogs,
    });
    const bucket = { key: this.key, accessLogs: logs.bucket, removal, oldVersionDays: oldVersions };
    new LakeBucket(this, 'Raw', { ...bucket, bucketName: names.bucket('raw'), expireDays: raw, announces: true });
    const lake = new LakeBucket(this, 'Lake', { ...bucket, bucketName: names.bucket('lake') });
    new LakeBucket(this, 'Artefacts', {
      ...bucket,
      bucketName: names.bucket('artefacts'),
      // Intermediate files of Glue, and Spark's event logs.
      passing: { folder: 'temporary/', days: environment.retentionDays.logs },
    });

    const table = { key: this.key, removal, deletionProtection: keep };
    new KeyValueTable(this, 'Bookmarks', { ...table, tableName: names.table('bookmarks') });
    new KeyValueTable(this, 'Runs', { ...table, tableName: names.table('runs'), expires: 'expires' });
    new KeyValueTable(this, 'Registry', { ...table, tableName: names.table('registry') });

    const lakeBucketName = names.bucket('lake');
    const databaseName = (pipeline: string) => names.pipeline(pipeline).database;
    const catalogs = plans.map(
      (plan) =>
        new DeltaCatalog(this, `Catalog-${plan.pipeline}`, {
          plan,
          databaseName: databaseName(plan.pipeline),
          lakeBucketName,
        }),
    );
    const { readers = [] } = environment;
    if (readers.length > 0) {
      const { key } = this;
      const access = new LakeAccess(this, 'Access', { plans, databaseName, lakeBucketName, key, readers });
      access.node.addDependency(lake, ...catalogs);
    }
  }
}
