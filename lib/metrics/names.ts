import type { PublishedFigure } from '../learning/learning.ts';

/**
 * Metrics that a pipeline publishes in its own namespace (`METRIC_NAMESPACE`), by default without dimensions. Metrics of a candidate
 * are published when it is judged, metrics of a run's rows when the run is settled.
 */

/** Runs that ended because the quality gate held a model. Counted from the log of the state machine. */
export const qualityHeld = 'QualityHeld';

/** Share (0 to 1) of the rows read by a run's tasks that were quarantined. */
export const quarantineShare = 'QuarantineShare';

/** Rows that a run read from its sources: per source (dimension `Source`), and in total. */
export const rowsRead = 'RowsRead';

/** Age in seconds of the newest input object of any source at the time of a claim. */
export const inputAge = 'InputAge';

/**
 * How much worse a promoted version is than the version it replaces, in the metric that judges them; 0 if it is not worse. Dimension
 * `Model`. Other published metrics of a candidate are defined by its objective, in `lib/learning`.
 */
export const worseBy = 'WorseBy';

/**
 * Largest population stability index of any feature, from the rows that the previous version learned from to the candidate's rows.
 * Dimension `Model`.
 */
export const drift = 'Drift';

/** The same index of the scores on the hold-out. Dimension `Model`. */
export const scoreDrift = 'ScoreDrift';

/** All of them: what is published under another name, no alarm would find. */
export type MetricName =
  | typeof qualityHeld
  | typeof quarantineShare
  | typeof rowsRead
  | typeof inputAge
  | typeof worseBy
  | typeof drift
  | typeof scoreDrift
  | PublishedFigure;

/** Units of published metrics; figures of models have none. */
export const units: Readonly<Partial<Record<MetricName, 'None' | 'Count' | 'Seconds'>>> = {
  [quarantineShare]: 'None',
  [rowsRead]: 'Count',
  [inputAge]: 'Seconds',
  [worseBy]: 'None',
  [drift]: 'None',
  [scoreDrift]: 'None',
};

/** The stability index at which drift is commonly considered significant. */
export const significantDrift = 0.2;
