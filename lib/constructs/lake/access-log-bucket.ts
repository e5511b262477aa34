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

/** Where S3 writes who read and wrote what. S3 delivers such logs only to a bucket that is encrypted with its own keys. */
export class AccessLogBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: AccessLogBucketProps) {
    super(scope, id);
    // An app without this flag would let S3 write by an ACL, which a bucket whose owner owns every object does not take.
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
        reason: 'S3 delivers access logs to no bucket that is encrypted with a KMS key',
      },
      {
        rule: 'S3BucketReplicationEnabled',
        in: ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'],
        reason: 'it holds no data, only the record of who reached for it',
      },
    );
  }
}
