import { Stack } from 'aws-cdk-lib';
import type { IRuleTarget } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';

/**
 * A queue as the target of a rule, with a dead-letter queue. Only this rule of this account may send to them: CDK's own target lets any
 * rule of any account send to an encrypted queue.
 */
export function eventQueue(queue: Queue, deadLetters?: Queue): IRuleTarget {
  return {
    bind: (rule) => {
      for (const to of deadLetters === undefined ? [queue] : [queue, deadLetters]) {
        to.addToResourcePolicy(
          new PolicyStatement({
            principals: [new ServicePrincipal('events.amazonaws.com')],
            actions: ['sqs:SendMessage'],
            resources: [to.queueArn],
            conditions: {
              StringEquals: { 'aws:SourceAccount': Stack.of(rule).account },
              ArnEquals: { 'aws:SourceArn': rule.ruleRef.ruleArn },
            },
          }),
        );
      }
      return {
        arn: queue.queueArn,
        ...(deadLetters !== undefined && { deadLetterConfig: { arn: deadLetters.queueArn } }),
        targetResource: queue,
      };
    },
  };
}
