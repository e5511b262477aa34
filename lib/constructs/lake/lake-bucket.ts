import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface LakeBucketProps {
  bucketName: string;
  key: IKey;
  accessLogs: IBucket;
  removal: RemovalPolicy;
  /** Days after which overwritten and deleted objects are removed. */
  oldVersionDays: number;
  /** Days after which objects expire; by default they are kept. */
  expireDays?: number;
  /** A folder, ending in `/`, whose objects expire after this many days. */
  passing?: { folder: string; days: number };
  /** Whether the bucket sends events of new objects to EventBridge. */
  announces?: boolean;
}

/** Settings of every data bucket: private, versioned, encrypted, TLS only. */
export const sealed = (key: IKey) => ({
  encryption: BucketEncryption.KMS,
  encryptionKey: key,
  bucketKeyEnabled: true,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  versioned: true,
});

/** A private, versioned, encrypted bucket, TLS only, with access logs. */
export class LakeBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: LakeBucketProps) {
    super(scope, id);
    const { bucketName, key, accessLogs, removal, oldVersionDays, expireDays, passing, announces = false } = props;
    this.bucket = new Bucket(this, 'Bucket', {
      bucketName,
      ...sealed(key),
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: `${id.toLowerCase()}/`,
      removalPolicy: removal,
      lifecycleRules: [
        {
          id: 'old-versions',
          noncurrentVersionExpiration: Duration.days(oldVersionDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
          expiredObjectDeleteMarker: expireDays === undefined ? true : undefined,
        },
        ...(expireDays === undefined ? [] : [{ id: 'expire', expiration: Duration.days(expireDays) }]),
        ...(passing === undefined
          ? []
          : [{ id: 'passing', prefix: passing.folder, expiration: Duration.days(passing.days) }]),
      ],
    });
    acknowledge(this.bucket, {
      rule: 'S3BucketReplicationEnabled',
      in: ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'],
      reason:
        'versioning protects against deletion; replication to a second region is a business decision, not a default',
    });
    if (announces) {
      // The L2 property would add a function with another role to set this one property.
      (this.bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
        eventBridgeConfiguration: { eventBridgeEnabled: true },
      };
    }
  }
}
