import type { Dossier } from '../documents/model.ts';
import type { Issue } from '../errors.ts';
import type { Promotion } from './ports.ts';

/** The ports of the `models` commands: files on a laptop, DynamoDB and S3 in the cloud. */
export interface ModelStore {
  /** Names of the models that have versions. */
  names(): Promise<string[]>;
  /** Oldest first: the last entry is the live version. */
  history(model: string): Promise<readonly Promotion[]>;
  /** Versions with files, judged or not. */
  versions(model: string): Promise<number[]>;
  /** Throws MillraceError if it is missing or damaged. */
  dossier(model: string, version: number): Promise<Dossier>;
  /** Why a version cannot score: its manifest or one of its files is missing or was changed. */
  damage(model: string, version: number): Promise<Issue | undefined>;
  /** Appends to the promotion log. */
  append(model: string, entry: Promotion): Promise<void>;
  /** Makes the live version score again. Returns a phrase on what was done, or must be done. */
  rescore(): Promise<string>;
}
