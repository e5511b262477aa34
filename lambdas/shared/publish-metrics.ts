import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Measure } from '../../lib/metrics/metric-value.ts';
import { units } from '../../lib/metrics/names.ts';

/**
 * Writes each as a line of the log that CloudWatch reads metrics from, so that publishing takes no call and no permission. The
 * dimensions are those by which an alarm finds it.
 */
export function publishMetrics(namespace: string, measures: readonly Measure[]): void {
  for (const { name, value, dimensions = {} } of measures) {
    const metrics = new Metrics({ namespace });
    // Powertools would add the service as a dimension, and no alarm would find the metric.
    metrics.clearDefaultDimensions();
    metrics.addDimensions(dimensions);
    metrics.addMetric(name, units[name] ?? 'None', value);
    metrics.publishStoredMetrics();
  }
}
