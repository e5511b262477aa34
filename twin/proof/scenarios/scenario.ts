/** Something that happens to a deployed pipeline and ends well, as long as the roles allow what it takes. It may be played again and again. */
export interface Scenario {
  name: string;
  /** The roles that it is about; what others do meanwhile says nothing about them. */
  roles: readonly string[];
  /** Throws where it does not end well. */
  play(): Promise<void>;
}
