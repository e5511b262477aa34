import type { Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { PipelineAlarms, type PipelineAlarmsProps, pipelineMetrics } from 'millrace/constructs';
import { describe, expect, test } from 'vitest';
import { account, plainStack, propertiesOf, region } from '../alone.ts';

const machineArn = `arn:aws:states:${region}:${account}:stateMachine:acme-churn`;

const usual = (stack: Stack): PipelineAlarmsProps => ({
  metrics: pipelineMetrics({ machineArn, namespace: 'Acme/churn' }),
  alarmName: (kind) => `acme-${kind}`,
  topic: new Topic(stack, 'Topic'),
  runbook: 'https://example.com/runbook',
  models: [],
  limits: { drift: 0.3 },
  deadLetters: {},
  quarantineShare: 0.1,
  cost: { dayUsd: 20, runHourUsd: 8 },
});

function alarms(more: Partial<PipelineAlarmsProps> = {}) {
  const { stack } = plainStack();
  new PipelineAlarms(stack, 'Alarms', { ...usual(stack), ...more });
  return propertiesOf(stack, 'AWS::CloudWatch::Alarm');
}
const named = (all: ReturnType<typeof alarms>, name: string) =>
  all.find(({ AlarmName }) => AlarmName === `acme-${name}`);
const names = (all: ReturnType<typeof alarms>) => all.map(({ AlarmName }) => AlarmName.slice('acme-'.length)).sort();

const always = ['abort-run-failed', 'cost', 'quality-held', 'quarantine-share', 'run-failed', 'timeout-run-failed'];

describe('a pipeline', () => {
  test('without schedule, models and queues has the alarms of every pipeline', () => {
    expect(names(alarms())).toEqual(always);
  });

  test('notifies the topic when an alarm goes off and when it ends, with a section of the runbook', () => {
    for (const { AlarmName, AlarmActions, OKActions, AlarmDescription } of alarms()) {
      expect([AlarmActions, OKActions]).toEqual([[expect.stringMatching(/^<Topic/)], AlarmActions]);
      const [, section] = /Runbook: https:\/\/example\.com\/runbook#([a-z-]+)$/.exec(AlarmDescription)!;
      expect(AlarmName.endsWith(section!)).toBe(true);
    }
  });

  test('with a schedule also alarms when no data arrives, and no other alarm does', () => {
    const due = alarms({ due: { hours: 24, rows: true, inputHours: 30 } });
    expect(names(due)).toEqual([...always, 'freshness', 'run-late', 'volume'].sort());
    const breaching = due.filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
    expect(names(breaching)).toEqual(['freshness', 'run-late', 'volume']);
    expect(named(due, 'run-late')).toMatchObject({
      MetricName: 'ExecutionsSucceeded',
      Period: 24 * 3600,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      Dimensions: [{ Name: 'StateMachineArn', Value: machineArn }],
    });
    expect(named(due, 'freshness')).toMatchObject({ Threshold: 30 * 3600, Namespace: 'Acme/churn' });
  });

  test('begins to alarm on missing data after a run, if alarms may have parts', () => {
    const { stack } = plainStack();
    const due = { hours: 24, rows: true, inputHours: 30 };
    new PipelineAlarms(stack, 'Alarms', { ...usual(stack), due, partName: (kind) => `acme.${kind}` });
    const composite = propertiesOf(stack, 'AWS::CloudWatch::CompositeAlarm');
    expect(composite.map(({ AlarmName }) => AlarmName).sort()).toEqual([
      'acme-freshness',
      'acme-run-late',
      'acme-volume',
    ]);
    for (const { AlarmActions, AlarmRule } of composite) {
      expect(AlarmActions).toHaveLength(1);
      expect(AlarmRule).toMatch(/^\(ALARM\(.*\) AND \(NOT \(?INSUFFICIENT_DATA\(.*\)\)?\)\)$/);
    }
    const metric = propertiesOf(stack, 'AWS::CloudWatch::Alarm').filter(({ AlarmName }) =>
      AlarmName.startsWith('acme.'),
    );
    expect(metric.map((each) => [each.AlarmName, each.TreatMissingData, each.AlarmActions]).sort()).toEqual([
      ['acme.freshness', 'breaching', undefined],
      ['acme.has-run', 'ignore', undefined],
      ['acme.run-late', 'breaching', undefined],
      ['acme.volume', 'breaching', undefined],
    ]);
  });

  test('expects rows only if they are due', () => {
    expect(names(alarms({ due: { hours: 24, rows: false, inputHours: 30 } }))).not.toContain('volume');
  });

  test('has three alarms for each model that it trains', () => {
    const models = ['churn', 'value'].map((name) => ({ name, objective: 'binary' as const }));
    const all = alarms({ models });
    const kinds = ['calibration', 'drift', 'model-worse'];
    const ofModels = models.flatMap(({ name }) => kinds.map((kind) => `${name}-${kind}`));
    expect(names(all)).toEqual([...always, ...ofModels].sort());
    expect(named(all, 'value-drift')).toMatchObject({
      Threshold: 0.3,
      Dimensions: [{ Name: 'Model', Value: 'value' }],
    });
  });

  test('has the alarms of what each model predicts', () => {
    const all = alarms({ models: [{ name: 'price', objective: 'regression' }] });
    expect(names(all)).toEqual([...always, 'price-bias', 'price-drift', 'price-model-worse'].sort());
    expect(named(all, 'price-bias')).toMatchObject({ MetricName: 'Bias', Statistic: 'Maximum', Threshold: 0.1 });
    expect(named(all, 'price-model-worse')?.AlarmDescription).toContain('by 0.02 of R² or more');
  });

  test('watches each queue that should be empty', () => {
    const all = alarms({ deadLetters: { trigger: 'acme-trigger-dead' } });
    expect(named(all, 'trigger-dead-letters')).toMatchObject({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: 'acme-trigger-dead' }],
      AlarmDescription: expect.stringContaining('it waits in acme-trigger-dead'),
    });
  });

  test("converts a day's dollars into the time that runs may take, in milliseconds", () => {
    expect(named(alarms(), 'cost')).toMatchObject({
      MetricName: 'ExecutionTime',
      Statistic: 'Sum',
      Period: 24 * 3600,
      Threshold: 2.5 * 3_600_000,
      AlarmDescription: expect.stringContaining('took 2.5 hours, which may have cost 20 USD'),
    });
  });

  test('has its limit of quarantined rows in percent', () => {
    expect(named(alarms(), 'quarantine-share')).toMatchObject({
      Threshold: 0.1,
      AlarmDescription: expect.stringContaining('More than 10 %'),
    });
  });
});
