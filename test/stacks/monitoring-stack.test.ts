import { describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { ruleFor } from '../../lambdas/respond/runbook.ts';
import { resources, synthesised } from './synthesised.ts';

const prod = synthesised('prod');
const template = prod.templates['monitoring']!;
const alarms = Object.values(resources(template, 'AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
const alarm = (kind: string) => alarms.find((a) => a.AlarmName === `millrace-prod-churn-${kind}`);

describe('the alarms', () => {
  test('are those that the responder knows, and each links to its section of the runbook', () => {
    const queues = ['alarms', 'arrivals', 'respond', 'schedule', 'trigger'].map((of) => `${of}-dead-letters`);
    const runs = ['abort-run-failed', 'run-failed', 'run-late', 'timeout-run-failed'];
    expect(alarms.map((a) => a.AlarmName.replace('millrace-prod-churn-', '')).sort()).toEqual(
      [...queues, ...runs, 'churn-auc-drop', 'cost', 'quality-held', 'quarantine-share'].sort(),
    );
    for (const { AlarmName, AlarmDescription } of alarms) {
      const section = AlarmDescription.match(/\. Runbook: docs\/runbook\.md#([a-z-]+)$/)?.[1];
      expect(AlarmName.endsWith(`-${section}`)).toBe(true);
      expect(ruleFor(AlarmName)).toEqual(ruleFor(`any-${section}`));
      expect([section, ruleFor(AlarmName)]).not.toEqual([section, ruleFor('unforeseen')]);
    }
  });

  test('tell the topic when they come and when they go', () => {
    const [topic] = Object.keys(resources(template, 'AWS::SNS::Topic'));
    for (const a of alarms) expect([a.AlarmActions, a.OKActions]).toEqual([[{ Ref: topic }], [{ Ref: topic }]]);
  });

  test('take silence for trouble only where a run is due', () => {
    const breaching = alarms.filter((a) => a.TreatMissingData === 'breaching').map((a) => a.AlarmName);
    expect(breaching).toEqual(['millrace-prod-churn-run-late']);
    const unscheduled = synthesised('prod', { schedule: undefined }).templates['monitoring']!;
    expect(Object.values(resources(unscheduled, 'AWS::CloudWatch::Alarm'))).toHaveLength(alarms.length - 2);
  });

  test('count every way in which a run can end badly', () => {
    const counted = alarms.filter((a) => a.AlarmName.endsWith('-run-failed')).map((a) => a.MetricName);
    expect(counted.sort()).toEqual(['ExecutionsAborted', 'ExecutionsFailed', 'ExecutionsTimedOut']);
  });

  test('watch every queue that is to be empty', () => {
    const watched = alarms.flatMap((a) => a.Dimensions ?? []).filter((d: { Name: string }) => d.Name === 'QueueName');
    const queues = ['pipeline-churn', 'monitoring'].flatMap((stack) =>
      Object.values(resources(prod.templates[stack]!, 'AWS::SQS::Queue')).map((q) => q.Properties.QueueName as string),
    );
    const dead = queues.filter((name) => name !== 'millrace-prod-churn-arrivals');
    expect(dead).toHaveLength(5);
    expect(watched.map((d: { Value: string }) => d.Value).sort()).toEqual(dead.sort());
  });

  test('know of a held model from the log of the state machine', () => {
    const [filter] = Object.values(resources(prod.templates['pipeline-churn']!, 'AWS::Logs::MetricFilter'));
    const { MetricTransformations, FilterPattern } = filter!.Properties;
    expect(FilterPattern).toContain('$.details.error = "QualityGate"');
    const { MetricName, MetricNamespace } = MetricTransformations[0];
    expect(alarm('quality-held')).toMatchObject({ MetricName, Namespace: MetricNamespace });
  });

  test('come before a day of runs has cost a tenth of the month', () => {
    const { Threshold, MetricName, Period } = alarm('cost');
    expect([MetricName, Period]).toEqual(['ExecutionTime', 86_400]);
    // 10 workers of one DPU at 0.44 USD an hour, to 60 of 600 USD
    expect(Threshold).toBe(Math.round((60 / 4.4) * 3_600_000));
  });
});

describe('who is told', () => {
  test('the addresses of the environment, over a topic that takes TLS and our account only', () => {
    const addresses = Object.values(resources(template, 'AWS::SNS::Subscription')).map(
      ({ Properties }) => Properties.Endpoint,
    );
    expect(addresses).toEqual(environments.prod.alarmAddresses);
    template.hasResourceProperties('AWS::SNS::Topic', { TopicName: 'millrace-prod-alarms' });
    const [policy] = Object.values(resources(template, 'AWS::SNS::TopicPolicy'));
    const statements = policy!.Properties.PolicyDocument.Statement;
    expect(
      statements.map((s: { Effect: string; Condition: object }) => [s.Effect, Object.keys(s.Condition)[0]]),
    ).toEqual([
      ['Deny', 'Bool'],
      ['Allow', 'StringEquals'],
    ]);
  });

  test('the responder, of its own pipeline and of alarms that come, not of those that go', () => {
    const [rule] = Object.values(resources(template, 'AWS::Events::Rule'));
    expect(rule!.Properties.EventPattern.detail).toEqual({
      alarmName: [{ prefix: 'millrace-prod-churn-' }],
      state: { value: ['ALARM'] },
    });
    expect(JSON.stringify(rule!.Properties.Targets[0].Arn)).toContain('function:millrace-prod-churn-respond');
    template.resourceCountIs('AWS::Lambda::Permission', 1);
  });

  test('the topic again when the month nears its budget', () => {
    const [budget] = Object.values(resources(template, 'AWS::Budgets::Budget'));
    const { Budget, NotificationsWithSubscribers } = budget!.Properties;
    expect(Budget).toMatchObject({ BudgetLimit: { Amount: 600, Unit: 'USD' }, TimeUnit: 'MONTHLY' });
    expect(Budget.CostFilters).toEqual({ TagKeyValue: ['user:millrace:environment$prod'] });
    expect(NotificationsWithSubscribers).toHaveLength(3);
  });
});

test('the dashboard shows each alarm and each metric of the pipeline', () => {
  const [dashboard] = Object.values(resources(template, 'AWS::CloudWatch::Dashboard'));
  const body = JSON.stringify(dashboard!.Properties.DashboardBody);
  for (const shown of [
    'ExecutionsSucceeded',
    'ExecutionTime',
    'QualityHeld',
    'QuarantineShare',
    'millrace-prod-churn-arrivals',
  ]) {
    expect(body).toContain(shown);
  }
  for (const id of Object.keys(resources(template, 'AWS::CloudWatch::Alarm'))) expect(body).toContain(id);
});
