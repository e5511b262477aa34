import type { PipelineState } from '../documents/bookmark-state.ts';
import type { TaskOutcome } from '../documents/task-outcome.ts';
import type { WorkOrder } from '../documents/work-order.ts';
import type { PromotionEntry } from '../gate/promotions.ts';
import type { Plan } from '../plan/schema.ts';
import type { Stop } from '../runs/run-state.ts';
import type { StartDecision } from '../runs/start-runs.ts';

export type RunParametersGiven = Readonly<Record<string, string | readonly string[]>>;

/** The current state of a run's execution. Times are ISO 8601. */
export interface Execution {
  run: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  startedAt: string;
  stoppedAt?: string;
  error?: string;
  cause?: string;
  /** JSON text, if it succeeded. */
  output?: string;
}

/** An event of an execution. `state` is the state it belongs to. */
export type Step =
  | { type: 'entered'; state: string; at: string }
  | { type: 'exited'; state: string; at: string; output?: string }
  | { type: 'scheduled'; state: string; at: string }
  | { type: 'failed'; state: string; at: string; error: string; cause: string };

/** Everything known about a run at one moment. */
export interface Seen {
  execution: Execution;
  steps: readonly Step[];
  order: WorkOrder | undefined;
  outcomes: readonly TaskOutcome[];
  /** If a stage failed: the engine's log lines about failed tasks. Glue itself reports only an exit status. */
  engineLog?: string;
}

/** The ports of the commands for a deployed pipeline; `aws-ports.ts` implements them. */
export interface CloudPorts {
  plan(): Promise<Plan>;
  /** Requests a run from the trigger. */
  trigger(parameters: RunParametersGiven): Promise<StartDecision>;
  /** Marks inputs of a source to be read again; returns how many. */
  rewind(source: string, paths: readonly string[] | undefined): Promise<number>;
  /** The latest runs, newest first. */
  executions(atMost: number): Promise<Execution[]>;
  execution(run: string): Promise<Execution | undefined>;
  steps(run: string): Promise<Step[]>;
  order(run: string): Promise<WorkOrder | undefined>;
  outcomes(run: string): Promise<TaskOutcome[]>;
  /** Lines of a job run's log about failed tasks; empty if they cannot be read. */
  engineLog(jobRun: string, execution: Execution): Promise<string>;
  bookmarks(): Promise<PipelineState>;
  live(model: string): Promise<PromotionEntry | undefined>;
  /** The current stop, if runs are stopped. */
  stopped(): Promise<Stop | undefined>;
}

export interface LogLine {
  /** ISO 8601. */
  at: string;
  /** The component that wrote the line: `engine`, `bookmarks`, ... */
  part: string;
  text: string;
}

/** The log group of a component. */
export interface LogGroup {
  part: string;
  group: string;
}

export interface LogFilter {
  /** Prefix of the stream names. */
  streams: string;
  /** Text that the lines must contain. */
  text: string;
}

export interface LogPort {
  /** Lines of one group between two times (ms since 1970), oldest first; empty if the group does not exist. */
  lines(group: LogGroup, from: number, to: number, only?: LogFilter): Promise<LogLine[]>;
}
