import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/**
 * Writes one metric as a line of the log that CloudWatch reads metrics from, so that publishing takes no call and no permission.
 * `dimensions` are those by which an alarm finds it.
 */
export function measure(
  namespace: string,
  name: string,
  value: number,
  dimensions: Readonly<Record<string, string>> = {},
): void {
  const metrics = new Metrics({ namespace });
  // Powertools would add the service as a dimension of its own.
  metrics.setDefaultDimensions({});
  metrics.addDimensions(dimensions);
  metrics.addMetric(name, MetricUnit.NoUnit, value);
  metrics.publishStoredMetrics();
}
