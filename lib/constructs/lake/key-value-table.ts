import type { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface KeyValueTableProps {
  tableName: string;
  key: IKey;
  removal: RemovalPolicy;
  deletionProtection: boolean;
  /** Attribute with the time to live, in seconds since 1970. */
  expires?: string;
}

/** A DynamoDB table with partition `pk` and sort `sk`, both text: on demand, encrypted, restorable to any second of 35 days. */
export class KeyValueTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: KeyValueTableProps) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      tableName: props.tableName,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.key,
      deletionProtection: props.deletionProtection,
      removalPolicy: props.removal,
      timeToLiveAttribute: props.expires,
    });
    acknowledge(this.table, {
      rule: 'DynamoDBInBackupPlan',
      in: ['HIPAA.Security', 'NIST.800.53.R5'],
      reason: 'point-in-time recovery restores any second of the last 35 days, which is better than daily backups',
    });
  }
}
