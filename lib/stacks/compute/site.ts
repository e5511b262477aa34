import type { Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IDependable } from 'constructs';
import type { EnginePackages } from '../../constructs/emr/engine-packages.ts';
import type { Environment } from '../../environment/environment.ts';
import type { Names, PipelineNames } from '../../environment/names.ts';
import type { Arns } from '../../permissions/arns.ts';
import type { Permission } from '../../permissions/permission.ts';
import type { Plan } from '../../plan/schema.ts';
import type { EmrNetwork } from '../network-stack.ts';

/** The pipeline's stack, with everything needed to build its compute. */
export interface ComputeSite {
  stack: Stack;
  environment: Environment;
  plan: Plan;
  key: IKey;
  names: Names;
  pipelineNames: PipelineNames;
  arns: Arns;
  /** Folder with `main.py`, the package `engine` and its lock files. */
  engineFolder: string;
  /** The network of EMR clusters, if a compute kind needs one. */
  network?: EmrNetwork;
  /** For compute without access to PyPI. */
  packages: EnginePackages;
  /** Permission to read the plan. */
  planObject: Permission;
}

/** The resources built for one compute kind. */
export interface BuiltCompute<Use> {
  /** The value of each `${Name}` in the state machine. */
  substitutions: Readonly<Record<string, string>>;
  use: Use;
  /** Dependencies of the state machine. */
  before: IDependable;
}
