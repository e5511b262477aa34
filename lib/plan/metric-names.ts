/** Metrics that a pipeline measures itself, in its own namespace (`METRIC_NAMESPACE`); without dimensions unless said. */

/** Runs that ended because the quality gate held a model. Counted from the log of the state machine. */
export const qualityHeld = 'QualityHeld';

/** Quarantined rows of a run, as a share (0 to 1) of the rows that its tasks read. Published when the run is settled. */
export const quarantineShare = 'QuarantineShare';

/** By how much the AUC of a version that was promoted is below that of the version it replaces; 0 where it is not. Dimension `Model`. */
export const aucDrop = 'AucDrop';
