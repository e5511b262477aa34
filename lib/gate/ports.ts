import type { Dossier, Review } from '../documents/model.ts';

export interface Promotion {
  version: number;
  run: string;
  at: string;
  /** The metric that judged it, by its name in documents, and its value on the hold-out. */
  metric: string;
  value: number;
  /** Comparisons with other versions on the same rows: above 0, this version is better. */
  compared?: { against: number; difference: number }[];
  /** For a roll-back to this version: the bad version, and the alarm state change or person that caused it. */
  rollback?: { from: number; transition: string };
  /** For a promotion by hand: the person. */
  by?: string;
}

export interface QualityPorts {
  /** Throws MillraceError if it is missing or damaged. */
  dossier(model: string, version: number): Promise<Dossier>;
  /** The review that the training of this run wrote before it learned, or undefined. */
  review?(model: string, run: string): Promise<Review | undefined>;
  /** The last entry of the promotion log, which is append-only. */
  live(model: string): Promise<Promotion | undefined>;
  /** The whole log, oldest first. Optional: without roll-backs, the last entry is enough. */
  history?(model: string): Promise<readonly Promotion[]>;
  /** Appends to the log, unless it already has this promotion. */
  promote(model: string, promotion: Promotion): Promise<void>;
  now(): Date;
}
