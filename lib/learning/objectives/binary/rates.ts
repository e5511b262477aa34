/** Held-out rows by label and prediction. */
export interface Confusion {
  tp: number;
  fp: number;
  tn: number;
  fn: number;
}

/** Rates of a confusion matrix; 0 if the denominator is 0. */
export function ratesOf({ tp, fp, tn, fn }: Confusion) {
  const recall = ratio(tp, tp + fn);
  const precision = ratio(tp, tp + fp);
  return {
    recall,
    precision,
    specificity: ratio(tn, tn + fp),
    fallout: ratio(fp, tn + fp),
    omission: ratio(fn, tn + fn),
    base: ratio(tp + fn, tp + fp + tn + fn),
    f1: ratio(2 * precision * recall, precision + recall),
  };
}

/**
 * 95 % interval of an AUC on this many positives and negatives.
 * Source: Hanley and McNeil 1982, doi 10.1148/radiology.143.1.7063747.
 */
export function aucInterval(auc: number, positives: number, negatives: number): [number, number] | undefined {
  if (positives < 2 || negatives < 2) return undefined;
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const spread = auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc);
  const error = 1.96 * Math.sqrt(Math.max(0, spread) / (positives * negatives));
  return [Math.max(0, auc - error), Math.min(1, auc + error)];
}

const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
