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

/** Area under the ROC curve on a candidate's hold-out, 0 to 1. Dimension `Model`. */
export const auc = 'Auc';

/** By how much the AUC of a version that was promoted is below that of the version it replaces; 0 where it is not. Dimension `Model`. */
export const aucDrop = 'AucDrop';

/** Expected calibration error on a candidate's hold-out, 0 to 1. Dimension `Model`. */
export const calibrationError = 'CalibrationError';

/**
 * Greatest population stability index of a feature, from the rows that the version before a candidate learned from to the candidate's
 * own. Dimension `Model`.
 */
export const drift = 'Drift';

/** The same index of the scores on the hold-out. Dimension `Model`. */
export const scoreDrift = 'ScoreDrift';

/** The unit of what functions publish. */
export const units = {
  [quarantineShare]: 'None',
  [rowsRead]: 'Count',
  [inputAge]: 'Seconds',
  [auc]: 'None',
  [aucDrop]: 'None',
  [calibrationError]: 'None',
  [drift]: 'None',
  [scoreDrift]: 'None',
} as const;

export type Published = keyof typeof units;

/** The stability index from which on a move is commonly held to matter. */
export const driftThatMatters = 0.2;
