import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { ServiceRole } from '../service-role.ts';
import { deadLetters } from './dead-letters.ts';

export interface RunScheduleProps {
  scheduleName: string;
  /** `cron(...)` or `rate(...)`, UTC. */
  expression: string;
  functionArn: string;
  deadLetterName: string;
  deadLetterArn: string;
  key: IKey;
}

/** Invokes the trigger at set times. It is in the default group with a fixed name, so that it can be paused by name. */
export class RunSchedule extends Construct {
  readonly schedule: CfnSchedule;
  readonly role: ServiceRole;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: RunScheduleProps) {
    super(scope, id);
    const { key, functionArn, deadLetterArn } = props;
    this.deadLetters = deadLetters(this, 'DeadLetters', props.deadLetterName, key);
    acknowledge(this.deadLetters, {
      rule: 'SQS3',
      in: ['AwsSolutions'],
      reason: 'it is the dead-letter queue of a schedule, which the rule does not recognise',
    });
    this.role = new ServiceRole(this, 'Service', {
      service: 'scheduler.amazonaws.com',
      permissions: [
        { actions: ['lambda:InvokeFunction'], resources: [functionArn] },
        { actions: ['sqs:SendMessage'], resources: [deadLetterArn] },
        { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] },
      ],
    });
    this.schedule = new CfnSchedule(this, 'Schedule', {
      name: props.scheduleName,
      description: 'Starts runs of a Millrace pipeline',
      scheduleExpression: props.expression,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      kmsKeyArn: key.keyArn,
      target: {
        arn: functionArn,
        roleArn: this.role.role.roleArn,
        input: JSON.stringify({ cause: 'schedule', time: '<aws.scheduler.scheduled-time>' }),
        deadLetterConfig: { arn: this.deadLetters.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
      },
    });
  }
}
