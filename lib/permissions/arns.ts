/** ARNs of an environment's resources by their fixed names, whichever stack they are in. */
export interface Arns {
  bucket(kind: 'raw' | 'lake' | 'artefacts' | 'access-logs'): string;
  table(kind: 'bookmarks' | 'runs' | 'registry'): string;
  job: string;
  machine: string;
  /** The machine's executions whose name starts so; `*` for all. */
  execution(name: string): string;
  function(name: string): string;
  queue(name: string): string;
  schedule: string;
  topic: string;
  /** A rule of EventBridge. */
  rule(name: string): string;
  /** All clusters of EMR; a tag bounds which. */
  clusters: string;
}
