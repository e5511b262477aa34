import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Construct } from 'constructs';

export interface MonthlyBudgetProps {
  budgetName: string;
  usd: number;
  /** Only what bears this tag is counted; the tag has to be activated once, in the billing console, as a cost allocation tag. */
  tag: { key: string; value: string };
  /** Told when 80 % are spent, and when 100 % are foreseen. */
  nearingTopicArn: string;
  /** Told when all of it is spent. */
  spentTopicArn: string;
  /** People who are told when all of it is spent; a notice takes ten. */
  addresses: readonly string[];
}

/** Tells of a month's spending: people when it nears its budget; when it has come to it, also whatever stops runs. */
export class MonthlyBudget extends Construct {
  constructor(scope: Construct, id: string, props: MonthlyBudgetProps) {
    super(scope, id);
    const { budgetName, usd, tag, nearingTopicArn, spentTopicArn, addresses } = props;
    const topic = (address: string) => ({ subscriptionType: 'SNS', address });
    const people = addresses.slice(0, 10).map((address) => ({ subscriptionType: 'EMAIL', address }));
    const notices = [
      { notificationType: 'ACTUAL', threshold: 80, subscribers: [topic(nearingTopicArn)] },
      { notificationType: 'FORECASTED', threshold: 100, subscribers: [topic(nearingTopicArn)] },
      { notificationType: 'ACTUAL', threshold: 100, subscribers: [topic(spentTopicArn), ...people] },
    ];
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: usd, unit: 'USD' },
        costFilters: { TagKeyValue: [`user:${tag.key}$${tag.value}`] },
      },
      notificationsWithSubscribers: notices.map(({ subscribers, ...notification }) => ({
        notification: { ...notification, thresholdType: 'PERCENTAGE', comparisonOperator: 'GREATER_THAN' },
        subscribers,
      })),
    });
  }
}
