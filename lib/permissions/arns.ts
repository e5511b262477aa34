/** ARNs of an environment's resources, in any stack, built from their fixed names. */
export interface Arns {
  bucket(kind: 'raw' | 'lake' | 'artefacts' | 'access-logs'): string;
  table(kind: 'bookmarks' | 'runs' | 'registry'): string;
  job: string;
  machine: string;
  /** Executions of the machine with this name prefix; `*` for all. */
  execution(name: string): string;
  function(name: string): string;
  queue(name: string): string;
  schedule: string;
  topic: string;
  /** An EventBridge rule. */
  rule(name: string): string;
  /** All EMR clusters; a tag condition restricts them. */
  clusters: string;
}
