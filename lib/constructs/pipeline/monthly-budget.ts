import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Construct } from 'constructs';

export interface MonthlyBudgetProps {
  budgetName: string;
  usd: number;
  /** Only resources with this tag are counted. It must be activated once as a cost allocation tag, in the billing console. */
  tag: { key: string; value: string };
  /** Receives notices at 80 % spent, and when 100 % is forecast. */
  nearingTopicArn: string;
  /** Receives the notice at 100 % spent. */
  spentTopicArn: string;
  /** People who receive the notice at 100 % spent; AWS allows ten per notice. */
  addresses: readonly string[];
}

/** Monthly budget. Notifies people at 80 %; at 100 % it also notifies the function that stops runs. */
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
