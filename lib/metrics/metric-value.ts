import type { Published } from './names.ts';

/** One value of a metric of the pipeline's own. */
export interface Measure {
  name: Published;
  value: number;
  dimensions?: Readonly<Record<string, string>>;
}
