/** One value of a metric of the pipeline's own. */
export interface Measure {
  name: string;
  value: number;
  dimensions?: Readonly<Record<string, string>>;
}
