import { MonthlyBudget } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { onlyOf, plainStack } from '../alone.ts';

function budget(addresses: string[]) {
  const { stack } = plainStack();
  new MonthlyBudget(stack, 'Budget', {
    budgetName: 'acme',
    usd: 250,
    tag: { key: 'team', value: 'churn' },
    nearingTopicArn: 'arn:aws:sns:eu-central-1:111122223333:nearing',
    spentTopicArn: 'arn:aws:sns:eu-central-1:111122223333:spent',
    addresses,
  });
  return onlyOf(stack, 'AWS::Budgets::Budget');
}

interface Notice {
  Notification: { NotificationType: string; Threshold: number };
  Subscribers: { SubscriptionType: string; Address: string }[];
}
const notifications = (addresses: string[]) =>
  (budget(addresses).NotificationsWithSubscribers as Notice[]).map(({ Notification, Subscribers }) => [
    `${Notification.NotificationType} ${Notification.Threshold}`,
    Subscribers.map(({ Address }) => Address.split(':').at(-1)),
  ]);

test('a budget is monthly, in dollars, and counts resources with its tag', () => {
  expect(budget([]).Budget).toEqual({
    BudgetName: 'acme',
    BudgetType: 'COST',
    TimeUnit: 'MONTHLY',
    BudgetLimit: { Amount: 250, Unit: 'USD' },
    CostFilters: { TagKeyValue: ['user:team$churn'] },
  });
});

test('one topic is notified near the limit, another and people at the limit', () => {
  expect(notifications(['a@example.com'])).toEqual([
    ['ACTUAL 80', ['nearing']],
    ['FORECASTED 100', ['nearing']],
    ['ACTUAL 100', ['spent', 'a@example.com']],
  ]);
});

test("a notification has at most ten people, which is AWS's limit", () => {
  const many = Array.from({ length: 14 }, (_, i) => `${i}@example.com`);
  expect(notifications(many).at(-1)).toEqual(['ACTUAL 100', ['spent', ...many.slice(0, 10)]]);
});
