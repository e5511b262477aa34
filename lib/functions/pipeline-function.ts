import type { Arns } from '../permissions/arns.ts';
import type { Permission } from '../permissions/permission.ts';
import type { Plan } from '../plan/schema.ts';
import type { FunctionVariables } from './variables.ts';

/** What a function's permissions are made from. */
export interface FunctionSite {
  plan: Plan;
  arns: Arns;
  /** ARN of the queue of object events. */
  arrivals: string;
  /** To read the plan. */
  planObject: Permission;
  /** Role of the schedule, where the environment has one. */
  scheduleRoleArn?: string;
}

/** One Lambda function of a pipeline, beside its handler. `PipelineStack` makes each that it is given. */
export interface PipelineFunction<
  Variable extends keyof FunctionVariables = keyof FunctionVariables,
  Name extends string = string,
> {
  /** Of its folder below `lambdas/`. */
  name: Name;
  description: string;
  /** What it cannot work without. */
  variables: readonly Variable[];
  permissions(site: FunctionSite): Permission[];
  /** 30 seconds by default. */
  timeoutSeconds?: number;
  /** 512 MB by default. */
  memoryMegabytes?: number;
  /** Where nobody waits for its answer: events that failed twice are kept in a queue. */
  deadLetters?: boolean;
  /** Whether the state machine calls it, as `${NameFunction}`. */
  calledByMachine?: boolean;
}

/** Returns what it was given: its worth is in the types, which keep its name and the names of the variables. */
export const pipelineFunction = <const Variable extends keyof FunctionVariables, const Name extends string>(
  described: PipelineFunction<Variable, Name>,
): PipelineFunction<Variable, Name> => described;
