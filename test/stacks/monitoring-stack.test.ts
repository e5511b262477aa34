import { describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { metricsOf as ofRun } from '../../lambdas/bookmarks/metrics.ts';
import { metricsOf as ofCandidate } from '../../lambdas/quality/metrics.ts';
import { qualityHeld, units } from '../../lib/metrics/names.ts';
import { ruleFor } from '../../lib/responses/runbook.ts';
import { churn, resources, synthesised } from './synthesised.ts';

const prod = synthesised('prod');
const template = prod.templates['monitoring']!;
const propertiesOf = (of: typeof template, type: string) =>
  Object.values(resources(of, `AWS::CloudWatch::${type}`)).map(({ Properties }) => Properties);
const onMetrics = propertiesOf(template, 'Alarm');
/** The alarms with actions; those on missing data are composite, and the alarms on their metrics are parts of them. */
const actingIn = (of: typeof template) => [
  ...propertiesOf(of, 'Alarm').filter(({ AlarmName }) => !AlarmName.startsWith('millrace-prod-churn.')),
  ...propertiesOf(of, 'CompositeAlarm'),
];
const alarms = actingIn(template);
const part = (kind: string) => onMetrics.find((a) => a.AlarmName === `millrace-prod-churn.${kind}`);
const alarm = (kind: string) => alarms.find((a) => a.AlarmName === `millrace-prod-churn-${kind}`);

describe('the alarms', () => {
  test('are those that the responder knows, each with a link to its section of the runbook', () => {
    const queues = ['alarms', 'arrivals', 'respond', 'schedule', 'streams', 'trigger'].map(
      (of) => `${of}-dead-letters`,
    );
    const models = ['churn-model-worse', 'churn-calibration', 'churn-drift'];
    const runs = ['abort-run-failed', 'run-failed', 'run-late', 'timeout-run-failed'];
    const streams = ['', '-landing', '-writes'].map((part) => `interactions${part}-iterator-age`);
    const others = ['freshness', 'volume', 'cost', 'quality-held', 'quarantine-share'];
    expect(alarms.map((a) => a.AlarmName.replace('millrace-prod-churn-', '')).sort()).toEqual(
      [...queues, ...runs, ...streams, ...models, ...others].sort(),
    );
    for (const { AlarmName, AlarmDescription } of alarms) {
      const section = AlarmDescription.match(/\. Runbook: docs\/runbook\.md#([a-z-]+)$/)?.[1];
      expect(AlarmName.endsWith(`-${section}`)).toBe(true);
      expect(ruleFor(AlarmName)).toEqual(ruleFor(`any-${section}`));
      expect([section, ruleFor(AlarmName)]).not.toEqual([section, ruleFor('unforeseen')]);
    }
  });

  test('notify the topic when they fire and when they end', () => {
    const [topic] = Object.keys(resources(template, 'AWS::SNS::Topic'));
    for (const a of alarms) expect([a.AlarmActions, a.OKActions]).toEqual([[{ Ref: topic }], [{ Ref: topic }]]);
  });

  test('fire on missing data only if a run is due, or if nobody reads a stream', () => {
    const due = ['freshness', 'run-late', 'volume'].map((kind) => `millrace-prod-churn-${kind}`);
    const composite = propertiesOf(template, 'CompositeAlarm').map((a) => a.AlarmName);
    expect(composite.sort()).toEqual([...due, 'millrace-prod-churn-interactions-iterator-age'].sort());
    const breaching = onMetrics.filter((a) => a.TreatMissingData === 'breaching').map((a) => a.AlarmName);
    expect(breaching.map((name) => name.replace('churn.', 'churn-')).sort()).toEqual(composite);
    const left = actingIn(synthesised('prod', { schedule: undefined }).templates['monitoring']!);
    // Without a schedule there is no queue for its dead letters.
    const gone = [...due, 'millrace-prod-churn-schedule-dead-letters'];
    expect(left.map((a) => a.AlarmName).sort()).toEqual(
      alarms
        .map((a) => a.AlarmName)
        .filter((name) => !gone.includes(name))
        .sort(),
    );
  });

  test('on missing data begin after there has been data, and nothing but them answers to their parts', () => {
    const ids = Object.entries(resources(template, 'AWS::CloudWatch::Alarm'));
    const idOf = (name: string) => ids.find(([, { Properties }]) => Properties.AlarmName === name)![0];
    const seen = { 'run-late': 'has-run', 'interactions-iterator-age': 'interactions-iterator-age-seen' };
    for (const [kind, marker] of Object.entries(seen)) {
      const rule = JSON.stringify(alarm(kind).AlarmRule);
      expect(rule).toMatch(
        new RegExp(
          `ALARM.*${idOf(`millrace-prod-churn.${kind}`)}.*NOT.*INSUFFICIENT_DATA.*${idOf(`millrace-prod-churn.${marker}`)}`,
        ),
      );
      expect(part(marker)).toMatchObject({ TreatMissingData: 'ignore' });
    }
    expect(part('has-run')).toMatchObject({ MetricName: 'ExecutionsSucceeded' });
    const parts = onMetrics.filter((a) => a.AlarmName.startsWith('millrace-prod-churn.'));
    expect(parts.map((a) => [a.AlarmActions, a.OKActions])).toEqual(parts.map(() => [undefined, undefined]));
    expect(parts).toHaveLength(4 + 2);
  });

  test('are alarms on metrics alone where there are no composite alarms', () => {
    const { templates } = synthesised('prod', { lacks: ['AWS::CloudWatch::CompositeAlarm'] });
    const plain = templates['monitoring']!;
    expect(propertiesOf(plain, 'CompositeAlarm')).toEqual([]);
    expect(
      propertiesOf(plain, 'Alarm')
        .map((a) => a.AlarmName)
        .sort(),
    ).toEqual(alarms.map((a) => a.AlarmName).sort());
  });

  test('expect rows every day unless inputs may be older than two days', () => {
    const weekly = synthesised('prod', { inputAfterHours: 200 }).templates['monitoring']!;
    const all = propertiesOf(weekly, 'Alarm');
    const freshness = all.find((a) => a.AlarmName.endsWith('.freshness'));
    expect(freshness).toMatchObject({ Threshold: 200 * 3600, TreatMissingData: 'breaching' });
    expect([...all, ...actingIn(weekly)].filter((a) => a.AlarmName.endsWith('volume'))).toEqual([]);
  });

  test('use the names and dimensions of the published metrics', () => {
    const verdict = { model: 'churn', version: 2, verdict: 'promote' as const, reason: '', usable: true };
    const drift = { against: 1, features: [{ feature: 'charge', psi: 0.3 }], scores: 0.1 };
    const now = new Date('2026-11-21T08:00:00Z');
    const published = [
      ...ofCandidate({
        ...verdict,
        metric: 'auc',
        value: 0.8,
        before: 0.81,
        watched: { Auc: 0.8, CalibrationError: 0.02 },
        drift,
      }),
      ...ofRun({ action: 'claim' }, { newestInput: '2026-11-21T07:00:00Z' }, now),
      ...ofRun({ action: 'commit' }, { settled: [], read: 10, quarantined: 1, sources: { customers: 10 } }, now),
    ].map(({ name, dimensions = {} }) => JSON.stringify([name, Object.entries(dimensions).flat()]));
    const own = onMetrics.filter((a) => a.Namespace === 'Millrace/millrace-prod-churn' && a.MetricName !== qualityHeld);
    const looked = own.map((a) =>
      JSON.stringify([
        a.MetricName,
        (a.Dimensions ?? []).flatMap((d: Record<string, string>) => [d['Name'], d['Value']]),
      ]),
    );
    expect(looked).toHaveLength(6);
    expect(looked.filter((metric) => !published.includes(metric))).toEqual([]);
  });

  test('fire at an AUC drop of 0.02, a calibration error of 0.1, a drift of 0.2, and a day or two without new data', () => {
    const atLeast = 'GreaterThanOrEqualToThreshold';
    const day = { Period: 86_400, TreatMissingData: 'breaching' };
    expect(alarm('churn-model-worse')).toMatchObject({ Threshold: 0.02, ComparisonOperator: atLeast });
    expect(alarm('churn-calibration')).toMatchObject({ Threshold: 0.1, ComparisonOperator: atLeast });
    expect(alarm('churn-drift')).toMatchObject({ Threshold: 0.2, ComparisonOperator: atLeast });
    // 24 hours late, so 48 hours old
    expect(part('freshness')).toMatchObject({ ...day, Statistic: 'Maximum', Threshold: 172_800 });
    expect(part('volume')).toMatchObject({
      ...day,
      Statistic: 'Sum',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
    });
  });

  test('count every way in which a run can fail', () => {
    const counted = alarms.filter((a) => a.AlarmName.endsWith('-run-failed')).map((a) => a.MetricName);
    expect(counted.sort()).toEqual(['ExecutionsAborted', 'ExecutionsFailed', 'ExecutionsTimedOut']);
  });

  test('watch every queue that should be empty', () => {
    const watched = alarms.flatMap((a) => a.Dimensions ?? []).filter((d: { Name: string }) => d.Name === 'QueueName');
    const queues = ['pipeline-churn', 'ingestion', 'monitoring'].flatMap((stack) =>
      Object.values(resources(prod.templates[stack]!, 'AWS::SQS::Queue')).map((q) => q.Properties.QueueName as string),
    );
    const dead = queues.filter((name) => name !== 'millrace-prod-churn-arrivals');
    expect(dead).toHaveLength(6);
    expect(watched.map((d: { Value: string }) => d.Value).sort()).toEqual(dead.sort());
  });

  test('detect a held model in the log of the state machine', () => {
    const [filter] = Object.values(resources(prod.templates['pipeline-churn']!, 'AWS::Logs::MetricFilter'));
    const { MetricTransformations, FilterPattern } = filter!.Properties;
    expect(FilterPattern).toContain('$.details.error = "QualityGate"');
    const { MetricName, MetricNamespace } = MetricTransformations[0];
    expect(alarm('quality-held')).toMatchObject({ MetricName, Namespace: MetricNamespace });
  });

  test('fire before a day of runs has cost a tenth of the month', () => {
    const { Threshold, MetricName, Period } = alarm('cost');
    expect([MetricName, Period]).toEqual(['ExecutionTime', 86_400]);
    // 10 workers of one DPU at 0.44 USD an hour, to 60 of 600 USD
    expect(Threshold).toBe(Math.round((60 / 4.4) * 3_600_000));
  });
});

describe('notifications go to', () => {
  test('the addresses of the environment, by a topic that accepts only TLS and our account', () => {
    const addresses = Object.values(resources(template, 'AWS::SNS::Subscription')).flatMap(({ Properties }) =>
      Properties.Protocol === 'email' ? [Properties.Endpoint] : [],
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

  test('the responder: alarms of its pipeline when they fire, not when they end', () => {
    const [rule] = Object.values(resources(template, 'AWS::Events::Rule'));
    expect(rule!.Properties.EventPattern.detail).toEqual({
      alarmName: [{ prefix: 'millrace-prod-churn-' }],
      state: { value: ['ALARM'] },
    });
    expect(JSON.stringify(rule!.Properties.Targets[0].Arn)).toContain('function:millrace-prod-churn-respond');
  });

  test('people near the end of the budget; when it is spent also the responder, which gets nothing else from there', () => {
    const [budget] = Object.values(resources(template, 'AWS::Budgets::Budget'));
    const { Budget, NotificationsWithSubscribers } = budget!.Properties;
    expect(Budget).toMatchObject({ BudgetLimit: { Amount: 600, Unit: 'USD' }, TimeUnit: 'MONTHLY' });
    expect(Budget.CostFilters).toEqual({ TagKeyValue: ['user:millrace:environment$prod'] });
    const topics = resources(template, 'AWS::SNS::Topic');
    const named = (name: string) => Object.keys(topics).find((id) => topics[id]!.Properties.TopicName === name);
    const [alarmTopic, spent] = [named('millrace-prod-alarms'), named('millrace-prod-month')];
    const notices = NotificationsWithSubscribers.map(
      (n: { Notification: Record<string, unknown>; Subscribers: { Address: unknown }[] }) => [
        n.Notification['NotificationType'],
        n.Notification['Threshold'],
        n.Subscribers.map(({ Address }) => Address),
      ],
    );
    expect(notices).toEqual([
      ['ACTUAL', 80, [{ Ref: alarmTopic }]],
      ['FORECASTED', 100, [{ Ref: alarmTopic }]],
      ['ACTUAL', 100, [{ Ref: spent }, ...environments.prod.alarmAddresses]],
    ]);
    const subscriptions = Object.values(resources(template, 'AWS::SNS::Subscription')).map((s) => s.Properties);
    const lambdas = subscriptions.filter((s) => s.Protocol === 'lambda');
    expect(lambdas).toHaveLength(1);
    expect(lambdas[0].TopicArn).toEqual({ Ref: spent });
    expect(JSON.stringify(lambdas[0].Endpoint)).toContain('function:millrace-prod-churn-respond');
    expect(lambdas[0].RedrivePolicy.deadLetterTargetArn).toBeDefined();
    const callers = Object.values(resources(template, 'AWS::Lambda::Permission')).map((p) => p.Properties.Principal);
    expect(callers.sort()).toEqual(['events.amazonaws.com', 'sns.amazonaws.com']);
  });
});

test('a run ends by itself: its state machine, job and workers are bounded, and nothing retries by default', () => {
  const pipeline = prod.templates['pipeline-churn']!;
  const [machine] = Object.values(resources(pipeline, 'AWS::StepFunctions::StateMachine'));
  const definition = machine!.Properties.DefinitionString;
  const { TimeoutSeconds } = JSON.parse(
    typeof definition === 'string' ? definition : definition['Fn::Join'][1].join(''),
  );
  const stages = churn.stages.map((stage) => stage.timeoutSeconds);
  expect(TimeoutSeconds).toBe(2 * (stages.reduce((a, b) => a + b, 0) + 600));
  const [job] = Object.values(resources(pipeline, 'AWS::Glue::Job'));
  const { Timeout, MaxRetries = 0, NumberOfWorkers, WorkerType } = job!.Properties;
  expect(Timeout * 60).toBe(Math.max(...stages));
  expect([MaxRetries, NumberOfWorkers, WorkerType]).toEqual([0, 10, 'G.1X']);
  // One DPU per worker, 0.44 USD per hour. A job that outlives its state machine ends by its timeout.
  const dearest = ((TimeoutSeconds + Timeout * 60) / 3600) * NumberOfWorkers * 0.44;
  expect(dearest).toBeLessThan(environments.prod.budgetUsd / 10);
});

test('the dashboard shows each alarm and each metric of the pipeline, in widgets with titles', () => {
  const [dashboard] = Object.values(resources(template, 'AWS::CloudWatch::Dashboard'));
  const parts = dashboard!.Properties.DashboardBody['Fn::Join'][1] as (string | object)[];
  const text = parts
    .map((part) => (typeof part === 'string' ? part : JSON.stringify(part).replaceAll('"', "'")))
    .join('');
  const { widgets } = JSON.parse(text) as {
    widgets: {
      type: string;
      properties: { title?: string; markdown?: string; metrics?: unknown[]; alarms?: string[] };
    }[];
  };
  for (const name of ['ExecutionsSucceeded', 'ExecutionTime', qualityHeld, ...Object.keys(units)]) {
    expect([
      name,
      widgets.some(({ properties }) => JSON.stringify(properties.metrics ?? []).includes(`"${name}"`)),
    ]).toEqual([name, true]);
  }
  const titles = widgets.map(({ properties }) => properties.title ?? properties.markdown);
  expect(titles.every((title) => (title ?? '').length > 3)).toBe(true);
  expect(new Set(titles).size).toBe(titles.length);
  for (const { type, properties } of widgets)
    if (type === 'metric') expect(properties.metrics!.length).toBeGreaterThan(0);
  const [status] = widgets.filter(({ type }) => type === 'alarm');
  const ids = ['Alarm', 'CompositeAlarm'].flatMap((type) =>
    Object.entries(resources(template, `AWS::CloudWatch::${type}`))
      .filter(([, { Properties }]) => alarms.includes(Properties))
      .map(([id]) => id),
  );
  expect(ids).toHaveLength(alarms.length);
  for (const id of ids) expect(status!.properties.alarms!.some((arn) => arn.includes(id))).toBe(true);
});
