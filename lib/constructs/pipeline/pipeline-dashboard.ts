import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type Metric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { objectiveNames, watchedOf } from '../../learning/learning.ts';
import { streamWidgets, type WatchedStream } from '../streams/stream-alarms.ts';
import type { WatchedModel } from './pipeline-alarms.ts';
import type { PipelineMetrics } from './pipeline-metrics.ts';

export interface PipelineDashboardProps {
  dashboardName: string;
  pipeline: string;
  environment: string;
  runbook: string;
  metrics: PipelineMetrics;
  alarms: readonly IAlarm[];
  models: readonly WatchedModel[];
  sources: readonly string[];
  streams: readonly WatchedStream[];
  arrivalsName: string;
  deadLetterNames: readonly string[];
}

/** The dashboard of a pipeline: alarms first, then runs, rows, models and queues. */
export class PipelineDashboard extends Construct {
  constructor(scope: Construct, id: string, props: PipelineDashboardProps) {
    super(scope, id);
    const { dashboardName, pipeline, environment, runbook, metrics, alarms } = props;
    const hour = Duration.hours(1);
    new Dashboard(this, 'Dashboard', {
      dashboardName,
      defaultInterval: Duration.days(7),
      widgets: [
        [new TextWidget({ markdown: `# ${pipeline} (${environment})\nRunbook: ${runbook}`, width: 24, height: 2 })],
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 3 })],
        [
          new GraphWidget({
            title: 'Runs',
            width: 8,
            stacked: true,
            left: (['Succeeded', 'Failed', 'TimedOut', 'Aborted'] as const).map((outcome) =>
              metrics.runs(outcome, hour),
            ),
          }),
          new GraphWidget({
            title: 'Duration of runs',
            width: 8,
            left: ['p50', 'Maximum'].map((statistic) => metrics.runTime(statistic, hour)),
            leftYAxis: { label: 'milliseconds', showUnits: false, min: 0 },
          }),
          new GraphWidget({
            title: 'Share of rows quarantined',
            width: 8,
            left: [metrics.quarantineShare(hour)],
            leftYAxis: { min: 0, max: 1 },
          }),
        ],
        [
          new GraphWidget({
            title: 'Rows read, in total and per source',
            width: 12,
            left: [
              metrics.rowsRead(hour).with({ label: 'all' }),
              ...props.sources.map((source) => metrics.rowsRead(hour, source).with({ label: source })),
            ],
          }),
          new GraphWidget({
            title: 'Age of the newest input',
            width: 12,
            left: [metrics.inputAge(hour)],
            leftYAxis: { label: 'seconds', showUnits: false, min: 0 },
          }),
        ],
        ...(props.streams.length === 0 ? [] : [streamWidgets(props.streams)]),
        ...(props.models.length === 0 ? [] : [modelWidgets(props, hour)]),
        [
          new GraphWidget({
            title: 'Object events waiting for a run',
            width: 12,
            left: [metrics.waiting(props.arrivalsName)],
          }),
          new GraphWidget({
            title: 'Dead letters',
            width: 12,
            left: props.deadLetterNames.map((name) => metrics.waiting(name)),
          }),
        ],
      ],
    });
  }
}

function modelWidgets({ metrics, models }: PipelineDashboardProps, hour: Duration): GraphWidget[] {
  const each = (of: (model: string, period: Duration) => Metric, among = models) =>
    among.map(({ name }) => of(name, hour).with({ label: name }));
  const figures = objectiveNames.flatMap((name) => {
    const judged = models.filter(({ objective }) => objective === name);
    return judged.length === 0 ? [] : watchedOf(name).figures.map((figure) => ({ figure, judged }));
  });
  const graphs = figures.map(
    ({ figure, judged }) =>
      new GraphWidget({
        title: figure.title,
        width: 6,
        left: each((model, period) => metrics.watched(figure, model, period), judged),
        leftYAxis: figure.axis,
      }),
  );
  return [
    ...graphs,
    new GraphWidget({
      title: 'Loss against the previous version, and models held by the gate',
      width: 6,
      left: each(metrics.worseBy),
      right: [metrics.qualityHeld(hour)],
      leftYAxis: { min: 0 },
      rightYAxis: { min: 0 },
    }),
    new GraphWidget({
      title: 'Drift of inputs, and of scores (right)',
      width: 6,
      left: each(metrics.drift),
      right: each(metrics.scoreDrift),
      leftYAxis: { min: 0 },
      rightYAxis: { min: 0 },
    }),
  ];
}
