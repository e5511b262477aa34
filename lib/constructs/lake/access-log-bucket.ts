import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface AccessLogBucketProps {
  bucketName: string;
  removal: RemovalPolicy;
  keepDays: number;
}

/** The bucket for S3 access logs. S3 delivers these only to a bucket that is encrypted with S3-managed keys. */
export class AccessLogBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: AccessLogBucketProps) {
    super(scope, id);
    // Without this flag, CDK lets S3 write with an ACL, which a bucket with enforced object ownership refuses.
    this.node.setContext(S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    this.bucket = new Bucket(this, 'Bucket', {
      bucketName: props.bucketName,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      removalPolicy: props.removal,
      lifecycleRules: [
        {
          id: 'keep',
          expiration: Duration.days(props.keepDays),
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    acknowledge(
      this.bucket,
      {
        rule: 'S3DefaultEncryptionKMS',
        in: ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'],
        reason: 'S3 does not deliver access logs to a bucket that is encrypted with a KMS key',
      },
      {
        rule: 'S3BucketReplicationEnabled',
        in: ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'],
        reason: 'it holds access logs, no data',
      },
    );
  }
}
