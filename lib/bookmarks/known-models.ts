import type { TaskState } from '../documents/bookmark-state.ts';

/** The versions of a model, from its promotion log and the folders of its versions. */
export interface KnownModel {
  /** The version that scores. */
  live?: number;
  /** The highest version that was ever promoted; 0 if none was. */
  promoted: number;
  /** Versions with files, judged or not. */
  versions: readonly number[];
}

/** By model name. A model that is not listed has no versions. */
export type KnownModels = ReadonlyMap<string, KnownModel>;

/**
 * The number of the next version: one more than the highest, so the first is v1 even after failed runs. If a stopped run left an
 * unjudged version, the training that replaces it takes over its number.
 */
export function nextVersion(known: KnownModel | undefined, last: TaskState | undefined, inDoubt: boolean): number {
  const judged = Math.max(known?.promoted ?? 0, last?.version ?? 0);
  return 1 + (inDoubt ? judged : Math.max(judged, ...(known?.versions ?? [])));
}

/** Derives a model's versions from its promotion log and folder numbers. */
export function knownModel(log: readonly { version: number }[], versions: readonly number[]): KnownModel {
  const live = log.at(-1)?.version;
  return {
    ...(live !== undefined && { live }),
    promoted: log.reduce((most, { version }) => Math.max(most, version), 0),
    versions,
  };
}
