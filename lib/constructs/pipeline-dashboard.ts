import { Duration } from 'aws-cdk-lib';
import { type Alarm, AlarmStatusWidget, Dashboard, GraphWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { PipelineMetrics } from './pipeline-metrics.ts';

export interface PipelineDashboardProps {
  dashboardName: string;
  pipeline: string;
  environment: string;
  runbook: string;
  metrics: PipelineMetrics;
  alarms: readonly Alarm[];
  arrivalsName: string;
  deadLetterNames: readonly string[];
}

/** One page a pipeline: what is wrong first, then runs, rows and queues. */
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
            title: 'Time a run takes',
            width: 8,
            left: ['p50', 'Maximum'].map((statistic) => metrics.runTime(statistic, hour)),
            leftYAxis: { label: 'milliseconds', showUnits: false, min: 0 },
          }),
          new GraphWidget({
            title: 'Models held by the gate, share of rows in quarantine',
            width: 8,
            left: [metrics.qualityHeld(hour)],
            right: [metrics.quarantineShare(hour)],
            rightYAxis: { min: 0, max: 1 },
          }),
        ],
        [
          new GraphWidget({
            title: 'Objects that wait for a run',
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
