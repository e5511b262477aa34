/** Something that happens to a deployed pipeline, and succeeds if the roles allow what it needs. It can be played repeatedly. */
export interface Scenario {
  name: string;
  /** The roles that it tests. The calls of other roles are ignored. */
  roles: readonly string[];
  /** Throws if the scenario fails. */
  play(): Promise<void>;
}
