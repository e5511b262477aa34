import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { aucDrop, qualityHeld, quarantineShare } from '../plan/metric-names.ts';

export interface PipelineMetricsProps {
  machineArn: string;
  /** Namespace of the pipeline's own metrics. */
  namespace: string;
}

/** What is measured of a pipeline, so that alarms and the dashboard show the same numbers. */
export interface PipelineMetrics {
  runs(outcome: 'Succeeded' | 'Failed' | 'TimedOut' | 'Aborted', period: Duration): Metric;
  /** Milliseconds that runs took. */
  runTime(statistic: string, period: Duration): Metric;
  qualityHeld(period: Duration): Metric;
  quarantineShare(period: Duration): Metric;
  aucDrop(model: string, period: Duration): Metric;
  /** Messages that wait in a queue. */
  waiting(queueName: string): Metric;
  /** Milliseconds by which the reader of a stream is behind. */
  iteratorAge(functionName: string): Metric;
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
  const runs = (outcome: string, period: Duration) => states(`Executions${outcome}`, 'Sum', period);
  const own = (metricName: string, statistic: string, period: Duration) =>
    new Metric({ namespace, metricName, statistic, period });
  return {
    runs,
    runTime: (statistic, period) => states('ExecutionTime', statistic, period),
    qualityHeld: (period) => own(qualityHeld, 'Sum', period),
    quarantineShare: (period) => own(quarantineShare, 'Maximum', period),
    aucDrop: (model, period) =>
      new Metric({ namespace, metricName: aucDrop, statistic: 'Maximum', period, dimensionsMap: { Model: model } }),
    waiting: (queueName) =>
      new Metric({
        namespace: 'AWS/SQS',
        metricName: 'ApproximateNumberOfMessagesVisible',
        statistic: 'Maximum',
        period: Duration.minutes(5),
        dimensionsMap: { QueueName: queueName },
      }),
    iteratorAge: (functionName) =>
      new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'IteratorAge',
        statistic: 'Maximum',
        period: Duration.minutes(5),
        dimensionsMap: { FunctionName: functionName },
      }),
  };
}
