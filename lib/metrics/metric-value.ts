/** One value of a metric that the pipeline publishes. */
export interface MetricValue {
  name: string;
  value: number;
  dimensions?: Readonly<Record<string, string>>;
}
