import type { TaskState } from '../documents/bookmark-state.ts';

/** What is known of a model beside its training: what the log of promotions and the folder of its versions say. */
export interface KnownModel {
  /** The version that scores. */
  live?: number;
  /** The greatest version that was ever promoted; 0 where none was. */
  promoted: number;
  /** Versions of which there are files, judged or not. */
  versions: readonly number[];
}

/** By name of the model. One that is not listed has no version at all. */
export type KnownModels = ReadonlyMap<string, KnownModel>;

/**
 * The number of a model that is about to be trained: one more than the greatest there is, so that the first is v1, however many runs
 * failed before. A version that a run left behind unjudged gives its number to the training that is done instead of it.
 */
export function nextVersion(known: KnownModel | undefined, last: TaskState | undefined, inDoubt: boolean): number {
  const judged = Math.max(known?.promoted ?? 0, last?.version ?? 0);
  return 1 + (inDoubt ? judged : Math.max(judged, ...(known?.versions ?? [])));
}

/** What a log of promotions and the numbers of a model's folders say. */
export function knownModel(log: readonly { version: number }[], versions: readonly number[]): KnownModel {
  const live = log.at(-1)?.version;
  return {
    ...(live !== undefined && { live }),
    promoted: log.reduce((most, { version }) => Math.max(most, version), 0),
    versions,
  };
}

/** The number in the name of a version's folder, `v12`. */
export function versionOf(folder: string): number[] {
  const found = /^v(\d+)$/.exec(folder)?.[1];
  return found === undefined ? [] : [Number(found)];
}
