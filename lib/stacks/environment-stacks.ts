import { App, type Stack, Tags } from 'aws-cdk-lib';
import type { Plan } from '../plan/schema.ts';
import { DataStack } from './data-stack.ts';
import type { Environment } from './environment.ts';
import { MonitoringStack } from './monitoring-stack.ts';
import { namesOf } from './names.ts';
import { type FunctionName, PipelineStack } from './pipeline-stack.ts';

export interface EnvironmentStacksProps {
  environment: Environment;
  /** Of each of the environment's pipelines. */
  plans: readonly Plan[];
  projectFolder: string;
  /** Other entries than `lambdas/<name>/handler.ts`. */
  entries?: Partial<Record<FunctionName, string>>;
}

/** An app as all of ours are: what newer CDK apps get by default and older ones have to ask for. */
export function millraceApp(outdir?: string): App {
  return new App({
    outdir,
    analyticsReporting: false,
    postCliContext: {
      '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
      '@aws-cdk/aws-iam:minimizePolicies': true,
      '@aws-cdk/core:checkSecretUsage': true,
      // What CloudFormation would refuse fails the synthesis.
      '@aws-cdk/core:validateAgainstDefaultRules': true,
      '@aws-cdk/aws-lambda:recognizeLayerVersion': true,
      '@aws-cdk/aws-kms:applyImportedAliasPermissionsToPrincipal': true,
    },
  });
}

/** All stacks of an environment, in the order in which they are deployed. */
export function environmentStacks(app: App, props: EnvironmentStacksProps): Stack[] {
  const { environment, plans, projectFolder, entries } = props;
  const names = namesOf(environment);
  const env = { account: environment.account, region: environment.region };
  const data = new DataStack(app, names.stack('data'), {
    environment,
    plans,
    env,
    description: `Millrace ${environment.name}: the lake, its catalog and the record of runs`,
  });
  const pipelines = plans.map((plan) => {
    const pipeline = new PipelineStack(app, names.stack(`pipeline-${plan.pipeline}`), {
      environment,
      plan,
      key: data.key,
      projectFolder,
      entries,
      env,
      description: `Millrace ${environment.name}: the pipeline ${plan.pipeline}`,
    });
    pipeline.addStackDependency(data);
    return pipeline;
  });
  const monitoring = new MonitoringStack(app, names.stack('monitoring'), {
    environment,
    key: data.key,
    pipelines: pipelines.map(({ pipeline, models, deadLetters }) => ({ pipeline, models, deadLetters })),
    env,
    description: `Millrace ${environment.name}: alarms, dashboards and the budget`,
  });
  const stacks: Stack[] = [data, ...pipelines, monitoring];
  for (const pipeline of pipelines) monitoring.addStackDependency(pipeline);
  for (const stack of stacks) Tags.of(stack).add('millrace:environment', environment.name);
  return stacks;
}
