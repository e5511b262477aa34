import type { Dossier } from '../documents/model.ts';

/** Expected calibration error, 0 to 1: how far the mean score of a bin is from its share of positives, weighted by the bins' rows. */
export function calibrationError(bins: Dossier['calibration']): number {
  const rows = bins.reduce((total, bin) => total + bin.rows, 0);
  const off = bins.reduce((total, bin) => total + bin.rows * Math.abs(bin.mean_score - bin.share_positive), 0);
  return rows === 0 ? 0 : off / rows;
}
