import path from 'node:path';
import { App, type Stack, Tags } from 'aws-cdk-lib';
import { kindOf } from '../compute/compute.ts';
import { environmentTag } from '../compute/tags.ts';
import { enginePackages } from '../constructs/emr/engine-packages.ts';
import { type Environment, emrOf, placedIn } from '../environment/environment.ts';
import { namesOf } from '../environment/names.ts';
import { MillraceError } from '../errors.ts';
import type { PipelineFunction } from '../functions/pipeline-function.ts';
import type { Plan } from '../plan/schema.ts';
import { stagesWithoutTask } from '../plan/stages.ts';
import { streamedTasks } from '../plan/streams.ts';
import { ClusterStack } from './cluster-stack.ts';
import { DataStack } from './data-stack.ts';
import { IngestionStack } from './ingestion-stack.ts';
import { MonitoringStack } from './monitoring-stack.ts';
import { NetworkStack } from './network-stack.ts';
import { PipelineStack } from './pipeline-stack.ts';

export interface EnvironmentStacksProps {
  environment: Environment;
  /** Plans of the environment's pipelines. */
  plans: readonly Plan[];
  projectFolder: string;
  /** How often the persistent cluster was made again because it had ended; default 0. */
  clusterMadeAgain?: number;
  /** Entry files that replace `lambdas/<name>/handler.ts`. */
  entries?: Readonly<Record<string, string>>;
  /** All Lambda functions of a pipeline, from `lambdas/functions.ts`. */
  functions: readonly PipelineFunction[];
}

/** A CDK app with the feature flags that new apps get by default, and the context of the project's `cdk.json`. */
export function millraceApp(outdir?: string, context: Record<string, unknown> = {}): App {
  return new App({
    outdir,
    context,
    analyticsReporting: false,
    postCliContext: {
      '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
      '@aws-cdk/aws-iam:minimizePolicies': true,
      '@aws-cdk/core:checkSecretUsage': true,
      // Synthesis fails for templates that CloudFormation would refuse.
      '@aws-cdk/core:validateAgainstDefaultRules': true,
      '@aws-cdk/aws-lambda:recognizeLayerVersion': true,
      '@aws-cdk/aws-kms:applyImportedAliasPermissionsToPrincipal': true,
    },
  });
}

/** All stacks of an environment, in deployment order. */
export function environmentStacks(app: App, props: EnvironmentStacksProps): Stack[] {
  const { environment, projectFolder, entries, functions, clusterMadeAgain = 0 } = props;
  const idle = stagesWithoutTask(environment.stages ?? {}, props.plans, `environments.ts  ${environment.name}.stages`);
  if (idle.length > 0) throw new MillraceError(idle);
  const plans = props.plans.map((plan) => placedIn(environment, plan));
  const packages = enginePackages(projectFolder);
  const names = namesOf(environment);
  const env = { account: environment.account, region: environment.region };
  const data = new DataStack(app, names.stack('data'), {
    environment,
    plans,
    env,
    description: `Millrace ${environment.name}: the lake, its catalog and the record of runs`,
  });
  const inNetwork = plans.filter((plan) => plan.stages.some((stage) => kindOf(stage).network));
  const network =
    inNetwork.length === 0
      ? undefined
      : new NetworkStack(app, names.stack('network'), {
          environment,
          key: data.key,
          env,
          description: `Millrace ${environment.name}: the network of EMR clusters`,
        });
  const cluster =
    network === undefined || emrOf(environment).cluster === 'transient'
      ? undefined
      : new ClusterStack(app, names.stack('cluster'), {
          environment,
          plans: inNetwork,
          key: data.key,
          network: network.network,
          packages,
          madeAgain: clusterMadeAgain,
          engineFolder: path.join(projectFolder, 'glue-scripts'),
          env,
          description: `Millrace ${environment.name}: the persistent EMR cluster`,
        });
  network?.addStackDependency(data);
  const pipelines = plans.map((plan) => {
    const pipeline = new PipelineStack(app, names.stack(`pipeline-${plan.pipeline}`), {
      environment,
      plan,
      key: data.key,
      projectFolder,
      network: network?.network,
      packages,
      entries,
      functions,
      env,
      description: `Millrace ${environment.name}: the pipeline ${plan.pipeline}`,
    });
    pipeline.addStackDependency(data);
    return pipeline;
  });
  const streamed = plans.filter((plan) => streamedTasks(plan).length > 0);
  const ingestion =
    streamed.length === 0
      ? undefined
      : new IngestionStack(app, names.stack('ingestion'), {
          environment,
          plans: streamed,
          key: data.key,
          env,
          description: `Millrace ${environment.name}: streams, and the landing of their records`,
        });
  // The pipelines first, so that the trigger receives the event of the first landed file.
  for (const pipeline of pipelines) ingestion?.addStackDependency(pipeline);
  const monitoring = new MonitoringStack(app, names.stack('monitoring'), {
    environment,
    key: data.key,
    pipelines: pipelines.map(({ pipeline, computes, models, sources, deadLetters }) => {
      const { streams = [], deadLetters: rejected = {} } = ingestion?.ingested[pipeline] ?? {};
      return { pipeline, computes, models, sources, deadLetters: { ...deadLetters, ...rejected }, streams };
    }),
    env,
    description: `Millrace ${environment.name}: alarms, dashboards and the budget`,
  });
  const stacks: Stack[] = [data, network, cluster, ...pipelines, ingestion, monitoring].filter(
    (stack) => stack !== undefined,
  );
  for (const pipeline of pipelines) monitoring.addStackDependency(pipeline);
  if (ingestion !== undefined) monitoring.addStackDependency(ingestion);
  for (const stack of stacks) Tags.of(stack).add(environmentTag, environment.name);
  return stacks;
}
