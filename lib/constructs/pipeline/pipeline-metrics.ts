import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { PublishedFigure } from '../../learning/learning.ts';
import * as names from '../../metrics/names.ts';

export interface PipelineMetricsProps {
  machineArn: string;
  /** Namespace of the pipeline's own metrics. */
  namespace: string;
}

/** The metrics of a pipeline, shared by alarms and dashboard. `lib/metrics/names.ts` describes each. */
export interface PipelineMetrics {
  runs(outcome: 'Succeeded' | 'Failed' | 'TimedOut' | 'Aborted', period: Duration): Metric;
  /** Duration of runs in milliseconds. */
  runTime(statistic: string, period: Duration): Metric;
  qualityHeld(period: Duration): Metric;
  quarantineShare(period: Duration): Metric;
  /** For all sources together, or for one. */
  rowsRead(period: Duration, source?: string): Metric;
  /** Seconds. */
  inputAge(period: Duration): Metric;
  worseBy(model: string, period: Duration): Metric;
  /** A metric that the objective of the model publishes. */
  watched(figure: { metric: PublishedFigure; statistic: string }, model: string, period: Duration): Metric;
  drift(model: string, period: Duration): Metric;
  scoreDrift(model: string, period: Duration): Metric;
  /** Messages waiting in a queue. */
  waiting(queueName: string): Metric;
}

export function pipelineMetrics({ machineArn, namespace }: PipelineMetricsProps): PipelineMetrics {
  const states = (metricName: string, statistic: string, period: Duration) =>
    new Metric({
      namespace: 'AWS/States',
      metricName,
      statistic,
      period,
      dimensionsMap: { StateMachineArn: machineArn },
    });
  const measured = (metricName: names.MetricName, statistic: string, period: Duration) =>
    new Metric({ namespace, metricName, statistic, period });
  const ofModel = (metricName: names.MetricName, statistic: string) => (model: string, period: Duration) =>
    new Metric({ namespace, metricName, statistic, period, dimensionsMap: { Model: model } });
  return {
    runs: (outcome, period) => states(`Executions${outcome}`, 'Sum', period),
    runTime: (statistic, period) => states('ExecutionTime', statistic, period),
    qualityHeld: (period) => measured(names.qualityHeld, 'Sum', period),
    quarantineShare: (period) => measured(names.quarantineShare, 'Maximum', period),
    rowsRead: (period, source) =>
      source === undefined
        ? measured(names.rowsRead, 'Sum', period)
        : measured(names.rowsRead, 'Sum', period).with({ dimensionsMap: { Source: source } }),
    inputAge: (period) => measured(names.inputAge, 'Maximum', period),
    worseBy: ofModel(names.worseBy, 'Maximum'),
    watched: ({ metric, statistic }, model, period) => ofModel(metric, statistic)(model, period),
    drift: ofModel(names.drift, 'Maximum'),
    scoreDrift: ofModel(names.scoreDrift, 'Maximum'),
    waiting: (queueName) =>
      new Metric({
        namespace: 'AWS/SQS',
        metricName: 'ApproximateNumberOfMessagesVisible',
        statistic: 'Maximum',
        period: Duration.minutes(5),
        dimensionsMap: { QueueName: queueName },
      }),
  };
}
