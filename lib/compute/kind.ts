import type { Compute } from '../definition/compute.ts';
import type { Issue } from '../errors.ts';
import type { Permission } from '../permissions/permission.ts';
import type { Plan, Stage } from '../plan/schema.ts';
import type { Billing, ComputeSizes } from './billing.ts';

/** Name of a state -> its document in Amazon States Language. */
export type States = Record<string, unknown>;

/** A stage to turn into states. */
export interface StageRequest {
  plan: Plan;
  stage: Stage;
  /** Arguments of the engine, such as `--stage`. `--engine` depends on the kind; the others do not. */
  engine: Readonly<Record<string, string>>;
  /** The state after success. */
  next: string;
  /** The state after an error that is not retried. */
  afterFault: string;
}

/** A resource that the stages of one run share, such as a cluster: the first stage starts it, and it is always released. */
export interface Shared {
  /** Initial variables, before the resource exists. */
  nothingHeld: Readonly<Record<string, string | boolean>>;
  /** Seconds that starting and releasing it may add to a run. */
  seconds: number;
  /** The states after the last stage that uses it. */
  release(next: string): { entrance: string; states: States };
  /** The state after an error, and the states from there to `next`. */
  afterFault: string;
  releaseAfterFault(next: string): States;
}

/** A service's report of a failed job: the parsed output of its Task. */
export type JobReport = Readonly<Record<string, unknown>>;

/** Names to find the logs of a pipeline's engine. */
export interface EngineNames {
  /** Prefix of the engine's log groups. */
  logs: string;
  job: string;
  /** Whether Glue encrypts its logs with a security configuration. */
  encrypted: boolean;
}

/** The local substitute of a Task's resource: start the engine with these arguments, or return this answer. */
export type StandIn = { engine: readonly string[] } | { answer: Readonly<Record<string, string>> };

/** Everything that Millrace knows about one compute kind. `Use`: the resources that a deployed pipeline calls, which limit its permissions. */
export interface ComputeKind<Use = never> {
  /** Name for people. */
  title: string;
  /** Whether it needs a network of the environment. */
  network: boolean;
  /** The kind that does the same on spot machines, where this one has none: what that would save is forecast. */
  onSpot?: Compute;
  /** The kind that does the same without machines of the environment's own network: the forecast names the price of both. */
  managed?: Compute;
  states: {
    stage(request: StageRequest): States;
    /** The first state of a stage. */
    entrance(stage: Stage): string;
    shared?: Shared;
  };
  /** Permissions of the state machine. */
  permissions(use: Use): Permission[];
  /** The billed resources of a stage; the forecast multiplies them by prices. */
  billing(sizes: ComputeSizes): Billing;
  /** Task resource -> local substitute; and the local values of `${Substitutions}`. */
  laptop: { calls: Readonly<Record<string, (given: unknown) => StandIn>>; names: Readonly<Record<string, string>> };
  failure: {
    /** The service's message on why the job failed. */
    message(job: JobReport): string | undefined;
    /** The location of its log, if the service reports it. */
    log(job: JobReport): string | undefined;
    /** Id of the job run, which is part of its log stream names. */
    jobRun(job: JobReport): string | undefined;
    /** An issue for a Step Functions error name, if there is better advice than "see the log". */
    issue(error: string, path: string): Issue | undefined;
  };
  /** CloudWatch log groups that the engine writes to. */
  logGroups(names: EngineNames): string[];
  used: {
    /** Billed DPU seconds, from the output or cause of its Task; undefined if the text has none. */
    dpuSeconds?(text: string): number | undefined;
    /** Id of the cluster that this state started; undefined for other states. */
    clusterMade?(stage: Stage, state: string, output: string): string | undefined;
  };
}
