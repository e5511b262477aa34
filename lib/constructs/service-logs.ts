import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

export interface ServiceLogsProps {
  logGroupName: string;
  key: IKey;
  days: RetentionDays;
}

/** An encrypted log group that is deleted with its stack: logs are for debugging; the record of runs is in the tables. */
export function serviceLogs(scope: Construct, id: string, props: ServiceLogsProps): LogGroup {
  return new LogGroup(scope, id, {
    logGroupName: props.logGroupName,
    encryptionKey: props.key,
    retention: props.days,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
