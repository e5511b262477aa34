import { CfnSecurityConfiguration } from 'aws-cdk-lib/aws-emr';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

export interface EmrSecurityProps {
  name: string;
  key: IKey;
}

/** The security configuration of clusters: disks and S3 encrypted with the environment's key; IMDSv2 only. */
export class EmrSecurity extends Construct {
  readonly configuration: CfnSecurityConfiguration;

  constructor(scope: Construct, id: string, props: EmrSecurityProps) {
    super(scope, id);
    const { name, key } = props;
    this.configuration = new CfnSecurityConfiguration(this, 'Configuration', {
      name,
      securityConfiguration: {
        EncryptionConfiguration: {
          EnableInTransitEncryption: false,
          EnableAtRestEncryption: true,
          AtRestEncryptionConfiguration: {
            S3EncryptionConfiguration: { EncryptionMode: 'SSE-KMS', AwsKmsKey: key.keyArn },
            LocalDiskEncryptionConfiguration: { EncryptionKeyProviderType: 'AwsKms', AwsKmsKey: key.keyArn },
          },
        },
        InstanceMetadataServiceConfiguration: {
          MinimumInstanceMetadataServiceVersion: 2,
          HttpPutResponseHopLimit: 1,
        },
      },
    });
  }
}
