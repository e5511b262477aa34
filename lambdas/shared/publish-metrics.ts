import { Metrics } from '@aws-lambda-powertools/metrics';
import type { MetricValue } from '../../lib/metrics/metric-value.ts';
import { units } from '../../lib/metrics/names.ts';

/**
 * Writes each metric as a log line that CloudWatch turns into a metric, so publishing needs no call and no permission. Alarms find
 * a metric by its dimensions.
 */
export function publishMetrics(namespace: string, measures: readonly MetricValue[]): void {
  for (const { name, value, dimensions = {} } of measures) {
    const metrics = new Metrics({ namespace });
    // By default Powertools adds the service as a dimension; then no alarm would find the metric.
    metrics.clearDefaultDimensions();
    metrics.addDimensions(dimensions);
    metrics.addMetric(name, units[name] ?? 'None', value);
    metrics.publishStoredMetrics();
  }
}
