import type { PipelineState } from '../documents/bookmark-state.ts';
import type { TaskOutcome } from '../documents/task-outcome.ts';
import type { WorkOrder } from '../documents/work-order.ts';
import type { PromotionEntry } from '../gate/promotions.ts';
import type { Plan } from '../plan/schema.ts';
import type { Stop } from '../runs/run-state.ts';
import type { StartDecision } from '../runs/start-runs.ts';

export type RunParametersGiven = Readonly<Record<string, string | readonly string[]>>;

/** A run's execution as of now. Times are ISO 8601. */
export interface Execution {
  run: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  startedAt: string;
  stoppedAt?: string;
  error?: string;
  cause?: string;
  /** JSON text, of one that succeeded. */
  output?: string;
}

/** What happened in an execution, in order. `state` is the state that it happened in. */
export type Step =
  | { type: 'entered'; state: string; at: string }
  | { type: 'exited'; state: string; at: string; output?: string }
  | { type: 'scheduled'; state: string; at: string }
  | { type: 'failed'; state: string; at: string; error: string; cause: string };

/** All that is known of a run at one moment. */
export interface Seen {
  execution: Execution;
  steps: readonly Step[];
  order: WorkOrder | undefined;
  outcomes: readonly TaskOutcome[];
  /** Where a stage failed: what the engine's log has of tasks that failed. Glue itself tells no more than an exit status. */
  engineLog?: string;
}

/** What the commands need of a deployed pipeline; `aws-ports.ts` is the one that asks AWS. */
export interface CloudPorts {
  plan(): Promise<Plan>;
  /** Asks the trigger for a run, as a person does. */
  trigger(parameters: RunParametersGiven): Promise<StartDecision>;
  /** Forgets inputs of a source in the bookmarks; returns how many. */
  rewind(source: string, paths: readonly string[] | undefined): Promise<number>;
  /** The newest runs, newest first. */
  executions(atMost: number): Promise<Execution[]>;
  execution(run: string): Promise<Execution | undefined>;
  steps(run: string): Promise<Step[]>;
  order(run: string): Promise<WorkOrder | undefined>;
  outcomes(run: string): Promise<TaskOutcome[]>;
  /** Lines of the engine's log of a job run that tell of failed tasks; empty where they cannot be read. */
  engineLog(jobRun: string, execution: Execution): Promise<string>;
  bookmarks(): Promise<PipelineState>;
  live(model: string): Promise<PromotionEntry | undefined>;
  /** Why no run starts now, and until when. */
  stopped(): Promise<Stop | undefined>;
}

export interface LogLine {
  /** ISO 8601. */
  at: string;
  /** Whose line it is: `engine`, `bookmarks`, ... */
  part: string;
  text: string;
}

/** Where a part of a pipeline writes its log. */
export interface LogGroup {
  part: string;
  group: string;
}

export interface LogFilter {
  /** How the names of the streams begin. */
  streams: string;
  /** Text that the lines have. */
  text: string;
}

export interface LogPort {
  /** Lines of one group from a time to another (ms since 1970), oldest first; nothing where the group does not exist. */
  lines(group: LogGroup, from: number, to: number, only?: LogFilter): Promise<LogLine[]>;
}
