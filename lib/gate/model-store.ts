import type { Dossier } from '../documents/model.ts';
import type { Promotion } from './ports.ts';

/** What a person's commands about models need: files on a laptop, DynamoDB and S3 in the cloud. */
export interface ModelStore {
  /** Names of the models of which there are versions. */
  names(): Promise<string[]>;
  /** Oldest first: the last entry is what is live. */
  history(model: string): Promise<readonly Promotion[]>;
  /** Versions of which there are files, judged or not. */
  versions(model: string): Promise<number[]>;
  /** Throws MillraceError where there is none, or one that is damaged. */
  dossier(model: string, version: number): Promise<Dossier>;
  /** Appends to the log of promotions. */
  append(model: string, entry: Promotion): Promise<void>;
  /** Sees that predictions are made anew with what is live now. Returns what was done for it, or is to be done, as a sentence's end. */
  rescore(): Promise<string>;
}
