/**
 * Metrics that a pipeline measures itself, in its own namespace (`METRIC_NAMESPACE`); without dimensions unless said. What is said of a
 * candidate is published when it is judged, what is said of a run's rows when the run is settled.
 */

/** Runs that ended because the quality gate held a model. Counted from the log of the state machine. */
export const qualityHeld = 'QualityHeld';

/** Quarantined rows of a run, as a share (0 to 1) of the rows that its tasks read. */
export const quarantineShare = 'QuarantineShare';

/** Rows that a run read of its sources: of each (dimension `Source`), and of all together. */
export const rowsRead = 'RowsRead';

/** Seconds from when the newest input object of any source was written to when a run asked what there is to do. */
export const inputAge = 'InputAge';

/**
 * By how much a version that was promoted is worse than the version it replaces, in the figure that they are judged by; 0 where it is
 * not. Dimension `Model`. What else is published of a candidate says its objective, in `lib/learning`.
 */
export const worseBy = 'WorseBy';

/**
 * Greatest population stability index of a feature, from the rows that the version before a candidate learned from to the candidate's
 * own. Dimension `Model`.
 */
export const drift = 'Drift';

/** The same index of the scores on the hold-out. Dimension `Model`. */
export const scoreDrift = 'ScoreDrift';

/** The unit of what functions publish; figures of models have none. */
export const units: Readonly<Record<string, 'None' | 'Count' | 'Seconds'>> = {
  [quarantineShare]: 'None',
  [rowsRead]: 'Count',
  [inputAge]: 'Seconds',
  [worseBy]: 'None',
  [drift]: 'None',
  [scoreDrift]: 'None',
};

/** The stability index from which on a move is commonly held to matter. */
export const driftThatMatters = 0.2;
