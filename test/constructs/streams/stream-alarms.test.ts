import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
import { StreamAlarms, streamWidgets } from '../../../lib/constructs/streams/stream-alarms.ts';
import { ruleFor } from '../../../lib/responses/runbook.ts';
import { resources } from '../../stacks/synthesised.ts';

const streams = ['views', 'purchases'].map((source) => ({
  source,
  streamName: `x-${source}`,
  landingName: `x-${source}-landing`,
  bufferSeconds: 300,
}));

const stack = new Stack(new App({ outdir: mkdtempSync(path.join(tmpdir(), 'millrace-alarms-')) }), 'Watched');
const alarmName = (kind: string) => `x-${kind}`;
new StreamAlarms(stack, 'Streams', {
  ...{ alarmName, streams, runbook: 'docs/runbook.md', behind: Duration.minutes(10) },
  topic: new Topic(stack, 'Topic'),
});
const alarms = Object.values(resources(Template.fromStack(stack), 'AWS::CloudWatch::Alarm')).map((a) => a.Properties);
const alarm = (name: string) => alarms.find((a) => a.AlarmName === `x-${name}`);

describe('the alarms of streams', () => {
  test('are three per stream, and the responder answers each as iterator age', () => {
    expect(alarms.map((a) => a.AlarmName).sort()).toEqual(
      streams.flatMap(({ source }) => ['', '-landing', '-writes'].map((of) => `x-${source}${of}-iterator-age`)).sort(),
    );
    for (const { AlarmName, AlarmDescription, AlarmActions, OKActions } of alarms) {
      expect(ruleFor(AlarmName)).toBe(ruleFor('iterator-age'));
      expect(ruleFor(AlarmName)).not.toBe(ruleFor('unforeseen'));
      expect(AlarmDescription).toMatch(/\. Runbook: docs\/runbook\.md#iterator-age$/);
      expect([AlarmActions, OKActions]).toEqual([[{ Ref: expect.any(String) }], [{ Ref: expect.any(String) }]]);
    }
  });

  test('go off if nothing reads, and not if nothing writes', () => {
    expect(alarm('views-iterator-age')).toMatchObject({
      Namespace: 'AWS/Kinesis',
      MetricName: 'GetRecords.IteratorAgeMilliseconds',
      Dimensions: [{ Name: 'StreamName', Value: 'x-views' }],
      Statistic: 'Maximum',
      Threshold: 600_000,
      TreatMissingData: 'breaching',
    });
    expect(alarm('views-writes-iterator-age')).toMatchObject({
      MetricName: 'WriteProvisionedThroughputExceeded',
      Dimensions: [{ Name: 'StreamName', Value: 'x-views' }],
      Statistic: 'Sum',
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    });
  });

  test('allow a delivery stream the time of its buffer', () => {
    expect(alarm('purchases-landing-iterator-age')).toMatchObject({
      Namespace: 'AWS/Firehose',
      MetricName: 'DeliveryToS3.DataFreshness',
      Dimensions: [{ Name: 'DeliveryStreamName', Value: 'x-purchases-landing' }],
      Threshold: 450 + 600,
      TreatMissingData: 'notBreaching',
    });
  });
});

test('the graphs show each stream', () => {
  const shown = JSON.stringify(stack.resolve(streamWidgets(streams).map((widget) => widget.toJson())));
  for (const { streamName, landingName } of streams) {
    expect(shown).toContain(`"StreamName","${streamName}"`);
    expect(shown).toContain(`"DeliveryStreamName","${landingName}"`);
  }
});
