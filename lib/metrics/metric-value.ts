import type { MetricName } from './names.ts';

/** One value of a metric that the pipeline publishes. */
export interface MetricValue {
  name: MetricName;
  value: number;
  dimensions?: Readonly<Record<string, string>>;
}
