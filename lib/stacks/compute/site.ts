import type { Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IDependable } from 'constructs';
import type { Environment } from '../../environment/environment.ts';
import type { Names, PipelineNames } from '../../environment/names.ts';
import type { Arns } from '../../permissions/arns.ts';
import type { Permission } from '../../permissions/permission.ts';
import type { Plan } from '../../plan/schema.ts';
import type { EmrNetwork } from '../network-stack.ts';

/** The pipeline's stack, and what is known there when its compute is built. */
export interface ComputeSite {
  stack: Stack;
  environment: Environment;
  plan: Plan;
  key: IKey;
  names: Names;
  of: PipelineNames;
  arns: Arns;
  /** Folder with `main.py`, the package `engine` and its locks. */
  engineFolder: string;
  /** Where machines of EMR are put; there where a kind asks for a network. */
  network?: EmrNetwork;
  /** Zip file of the engine's Python packages, for kinds that cannot fetch any. */
  packages: string;
  /** To read the plan. */
  planObject: Permission;
}

/** What was built for one kind. */
export interface BuiltCompute<Use> {
  /** What stands for each `${Name}` of the state machine. */
  substitutions: Readonly<Record<string, string>>;
  use: Use;
  /** The machine runs nothing before these are there. */
  before: IDependable;
}
