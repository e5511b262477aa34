import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { PipelineDashboard, type PipelineDashboardProps, pipelineMetrics } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { account, onlyOf, plainStack, region } from '../alone.ts';

const machineArn = `arn:aws:states:${region}:${account}:stateMachine:acme-churn`;

interface Widget {
  type: string;
  x: number;
  width: number;
  properties: { title?: string; markdown?: string; metrics?: unknown[][]; alarms?: string[] };
}

function widgets(more: Partial<PipelineDashboardProps> = {}): Widget[] {
  const { stack } = plainStack();
  const alarm = new Alarm(stack, 'Alarm', {
    metric: new Metric({ namespace: 'Acme', metricName: 'Any' }),
    threshold: 1,
    evaluationPeriods: 1,
  });
  new PipelineDashboard(stack, 'Dashboard', {
    dashboardName: 'acme-churn',
    pipeline: 'churn',
    environment: 'prod',
    runbook: 'https://example.com/runbook',
    metrics: pipelineMetrics({ machineArn, namespace: 'Acme/churn' }),
    alarms: [alarm],
    models: [],
    sources: ['customers', 'contacts'],
    streams: [],
    arrivalsName: 'acme-arrivals',
    deadLetterNames: ['acme-trigger-dead'],
    ...more,
  });
  const { DashboardName, DashboardBody } = onlyOf(stack, 'AWS::CloudWatch::Dashboard');
  expect(DashboardName).toBe('acme-churn');
  return JSON.parse(DashboardBody).widgets;
}
const titles = (all: Widget[]) => all.map(({ properties }) => properties.title ?? properties.markdown ?? '');
const titled = (all: Widget[], title: string) => all.find(({ properties }) => properties.title === title)!.properties;

test('a dashboard begins with its pipeline and its alarms, then shows runs, rows and queues', () => {
  const all = widgets();
  expect(titles(all)[0]).toBe('# churn (prod)\nRunbook: https://example.com/runbook');
  expect(all[1]!.type).toBe('alarm');
  expect(all[1]!.properties.alarms).toHaveLength(1);
  expect(titles(all)).toEqual(
    expect.arrayContaining(['Runs', 'Duration of runs', 'Age of the newest input', 'Dead letters']),
  );
});

test('rows are shown for all sources together and for each', () => {
  const { metrics } = titled(widgets(), 'Rows read, in total and per source');
  expect(metrics!.map((line) => line.at(-1))).toMatchObject([
    { label: 'all' },
    { label: 'customers' },
    { label: 'contacts' },
  ]);
  expect(metrics![1]).toEqual(expect.arrayContaining(['Acme/churn', 'RowsRead', 'Source', 'customers']));
});

test('queues are those of the pipeline', () => {
  const all = widgets();
  expect(titled(all, 'Object events waiting for a run').metrics![0]).toContain('acme-arrivals');
  expect(titled(all, 'Dead letters').metrics![0]).toContain('acme-trigger-dead');
});

test('models and streams have graphs only if there are any', () => {
  expect(titles(widgets()).filter((title) => /AUC|Drift|stream/.test(title))).toEqual([]);
  const all = widgets({
    models: [{ name: 'churn', objective: 'binary' }],
    streams: [{ source: 'views', streamName: 'acme-views', landingName: 'acme-views-landing', bufferSeconds: 60 }],
  });
  expect(titled(all, 'AUC of candidates').metrics![0]).toEqual(
    expect.arrayContaining(['Acme/churn', 'Auc', 'Model', 'churn']),
  );
  expect(titled(all, 'Records put to streams').metrics![0]).toContain('acme-views');
});

test('no row of graphs is wider than the page', () => {
  const all = widgets({ models: [{ name: 'churn', objective: 'binary' }] });
  for (const { x, width } of all) expect(x + width).toBeLessThanOrEqual(24);
});
