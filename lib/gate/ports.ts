import type { Dossier, Review } from '../documents/model.ts';

export interface Promotion {
  version: number;
  run: string;
  at: string;
  /** What its training was judged by, as `auc`, and how much it reached on its hold-out. */
  metric: string;
  value: number;
  /** How it did beside versions that were live, on the same rows: a difference above 0 says that it is better. */
  compared?: { against: number; difference: number }[];
  /** Of a roll-back to this version: the version that was live and is not good, and the change of an alarm, or the person, that asked. */
  rollback?: { from: number; transition: string };
  /** Of a promotion by hand: who asked for it. */
  by?: string;
}

export interface QualityPorts {
  /** Throws MillraceError where there is none, or one that is damaged. */
  dossier(model: string, version: number): Promise<Dossier>;
  /** What the training of that run found before it learned. Undefined where it left nothing. */
  review?(model: string, run: string): Promise<Review | undefined>;
  /** The promotion log is append-only: its last entry is what is live. */
  live(model: string): Promise<Promotion | undefined>;
  /** All of the log, oldest first. Where nothing is ever rolled back, what is live is enough of it. */
  history?(model: string): Promise<readonly Promotion[]>;
  /** Appends to the log, unless it tells of this very promotion already. */
  promote(model: string, promotion: Promotion): Promise<void>;
  now(): Date;
}
