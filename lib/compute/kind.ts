import type { Issue } from '../errors.ts';
import type { Permission } from '../permissions/permission.ts';
import type { Plan, Stage } from '../plan/schema.ts';
import type { Billing, ComputeSizes } from './billing.ts';

/** Name of a state -> its document in Amazon States Language. */
export type States = Record<string, unknown>;

/** A stage that is to become states. */
export interface StageRequest {
  plan: Plan;
  stage: Stage;
  /** Arguments of the engine, such as `--stage`. `--engine` is the kind; the others are the same on every kind. */
  engine: Readonly<Record<string, string>>;
  /** The state after success. */
  next: string;
  /** The state after a fault that is not tried again. */
  afterFault: string;
}

/** What the stages of one run share, such as a cluster: the first stage makes it, and it is released whatever happens. */
export interface Shared {
  /** Variables of a run that holds nothing yet. */
  nothingHeld: Readonly<Record<string, string | boolean>>;
  /** Seconds that making and releasing may add to a run. */
  seconds: number;
  /** After the last stage that uses it. */
  release(next: string): { entrance: string; states: States };
  /** The state that a fault leads to, and the states from there to `next`. */
  afterFault: string;
  releaseAfterFault(next: string): States;
}

/** What a service says of a job that failed: the output of its Task, parsed. */
export type JobReport = Readonly<Record<string, unknown>>;

/** Names that the logs of a pipeline's engine are found by. */
export interface EngineNames {
  /** Prefix of the engine's log groups. */
  logs: string;
  job: string;
  /** Whether Glue encrypts its logs itself. */
  encrypted: boolean;
}

/** What a resource of the state machine answers on a laptop: a start of the engine with these arguments, or just an answer. */
export type StandIn = { engine: readonly string[] } | { answer: Readonly<Record<string, string>> };

/** All that Millrace knows of one compute kind. `Use` is what a deployed pipeline calls, by which its permissions are bounded. */
export interface ComputeKind<Use = never> {
  /** As people read it. */
  title: string;
  /** Whether its machines are put into a network of the environment. */
  network: boolean;
  states: {
    stage(request: StageRequest): States;
    /** The first state of a stage. */
    entrance(stage: Stage): string;
    shared?: Shared;
  };
  /** What the state machine may call. */
  permissions(use: Use): Permission[];
  /** What a stage runs on and what of it is billed: the forecast multiplies it by prices. */
  billing(sizes: ComputeSizes): Billing;
  /** Resource of a Task -> what a laptop does instead, and the names that stand for `${Substitutions}` there. */
  laptop: { calls: Readonly<Record<string, (given: unknown) => StandIn>>; names: Readonly<Record<string, string>> };
  failure: {
    /** The service's own words on why the job failed. */
    message(job: JobReport): string | undefined;
    /** Where its log is, if the service says it. */
    log(job: JobReport): string | undefined;
    /** Id of the job, by which its log streams are named. */
    jobRun(job: JobReport): string | undefined;
    /** An error name of Step Functions that has a better answer than "look at the log". */
    issue(error: string, path: string): Issue | undefined;
  };
  /** CloudWatch log groups that the engine writes to. */
  logGroups(names: EngineNames): string[];
  used: {
    /** DPU seconds that the service billed, from the output or the cause of its Task; undefined where the text has none. */
    dpuSeconds?(text: string): number | undefined;
    /** Id of the cluster that this state made; undefined where it is another state. */
    clusterMade?(stage: Stage, state: string, output: string): string | undefined;
  };
}
