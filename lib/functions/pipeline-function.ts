import type { Arns } from '../permissions/arns.ts';
import type { Permission } from '../permissions/permission.ts';
import type { Plan } from '../plan/schema.ts';
import type { FunctionVariables } from './variables.ts';

/** The resources that a function's permissions refer to. */
export interface FunctionSite {
  plan: Plan;
  arns: Arns;
  /** ARN of the queue of object events. */
  arrivals: string;
  /** Permission to read the plan. */
  planObject: Permission;
  /** Role of the schedule, if the environment has one. */
  scheduleRoleArn?: string;
}

/** One Lambda function of a pipeline, declared beside its handler. `PipelineStack` creates each of them. */
export interface PipelineFunction<
  Variable extends keyof FunctionVariables = keyof FunctionVariables,
  Name extends string = string,
> {
  /** Name of its folder in `lambdas/`. */
  name: Name;
  description: string;
  /** Required environment variables. */
  variables: readonly Variable[];
  permissions(site: FunctionSite): Permission[];
  /** Default: 30. */
  timeoutSeconds?: number;
  /** Default: 512. */
  memoryMegabytes?: number;
  /** For asynchronous calls: events that failed after all retries are kept in a dead-letter queue. */
  deadLetters?: boolean;
  /** Whether the state machine calls it, as `${NameFunction}`. */
  calledByMachine?: boolean;
}

/** An identity function that preserves its name and the names of its variables in the type. */
export const pipelineFunction = <const Variable extends keyof FunctionVariables, const Name extends string>(
  described: PipelineFunction<Variable, Name>,
): PipelineFunction<Variable, Name> => described;
