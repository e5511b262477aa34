import { Duration, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  ApplicationLogLevel,
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Permission } from '../../permissions/permission.ts';
import { acknowledge } from '../acknowledge.ts';
import { serviceLogs } from '../service-logs.ts';
import { ServiceRole } from '../service-role.ts';
import { deadLetters } from './dead-letters.ts';
import { handlerCode } from './handler-code.ts';

export interface MillraceFunctionProps {
  functionName: string;
  description: string;
  /** The TypeScript file that exports `handler`. */
  entry: string;
  /** Folder from which packages are resolved. */
  projectFolder: string;
  environment: Record<string, string>;
  /** Permissions of the logic. The construct adds those for logs, tracing, the key and the dead letters. */
  permissions: readonly Permission[];
  key: IKey;
  logGroupName: string;
  logDays: RetentionDays;
  /** Name of the queue for failed events of asynchronous callers. */
  deadLetterName?: string;
  timeout?: Duration;
  memoryMegabytes?: number;
}

/** A Lambda function on Node 24 and arm64, bundled with the SDK, with its own role, log group and dead-letter queue. */
export class MillraceFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: ServiceRole;
  readonly deadLetters: Queue | undefined;

  constructor(scope: Construct, id: string, props: MillraceFunctionProps) {
    super(scope, id);
    const { functionName, key, deadLetterName, timeout = Duration.seconds(30), memoryMegabytes = 512 } = props;
    const { partition, region, account } = Stack.of(this);
    this.deadLetters = deadLetterName === undefined ? undefined : deadLetters(this, 'DeadLetters', deadLetterName, key);
    const queueArn = `arn:${partition}:sqs:${region}:${account}:${deadLetterName}`;
    this.role = new ServiceRole(this, 'Service', {
      service: 'lambda.amazonaws.com',
      permissions: [
        ...props.permissions,
        {
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [`arn:${partition}:logs:${region}:${account}:log-group:${props.logGroupName}:*`],
          why: 'streams of its log group, which get their names when they are created',
        },
        { actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'], resources: [key.keyArn] },
        {
          actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
          resources: ['*'],
          why: 'X-Ray does not support resources',
        },
        ...(deadLetterName === undefined ? [] : [{ actions: ['sqs:SendMessage'], resources: [queueArn] }]),
      ],
    });
    this.function = new LambdaFunction(this, 'Function', {
      functionName,
      description: props.description,
      code: handlerCode(props.entry, props.projectFolder),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      role: this.role.role,
      environment: { ...props.environment, NODE_OPTIONS: '--enable-source-maps' },
      timeout,
      memorySize: memoryMegabytes,
      tracing: Tracing.ACTIVE,
      logGroup: serviceLogs(this, 'Logs', { logGroupName: props.logGroupName, key, days: props.logDays }),
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      systemLogLevelV2: SystemLogLevel.WARN,
      deadLetterQueue: this.deadLetters,
    });
    acknowledge(
      this.function,
      {
        rule: 'LambdaInsideVPC',
        in: ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'],
        reason: 'it only calls AWS APIs, over TLS; a VPC would add the cost of endpoints and no protection',
      },
      {
        rule: 'LambdaConcurrency',
        in: ['HIPAA.Security', 'NIST.800.53.R5'],
        reason: 'only one run at a time calls it; a reservation fails to deploy in accounts with the default quota',
      },
    );
    if (deadLetterName === undefined) {
      acknowledge(this.function, {
        rule: 'LambdaDLQ',
        in: ['Serverless', 'HIPAA.Security', 'NIST.800.53.R5'],
        reason: 'the state machine waits for its answer and retries; it is never invoked asynchronously',
      });
    }
  }
}
