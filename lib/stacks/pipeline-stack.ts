import path from 'node:path';
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { kindsOf } from '../compute/compute.ts';
import type { EnginePackages } from '../constructs/emr/engine-packages.ts';
import { MillraceFunction } from '../constructs/pipeline/millrace-function.ts';
import type { WatchedModel } from '../constructs/pipeline/pipeline-alarms.ts';
import { PipelineMachine } from '../constructs/pipeline/pipeline-machine.ts';
import { planAsset } from '../constructs/pipeline/plan-asset.ts';
import { RawArrivals } from '../constructs/pipeline/raw-arrivals.ts';
import { RunSchedule } from '../constructs/pipeline/run-schedule.ts';
import type { Compute } from '../definition/compute.ts';
import type { Environment } from '../environment/environment.ts';
import { namesOf } from '../environment/names.ts';
import type { PipelineFunction } from '../functions/pipeline-function.ts';
import type { FunctionVariables } from '../functions/variables.ts';
import { sourceFolders } from '../permissions/lake.ts';
import { callsFunctions } from '../permissions/runs.ts';
import type { Plan } from '../plan/schema.ts';
import { fromSource, learns } from '../plan/task-kinds.ts';
import { arnsOf } from './arns.ts';
import { buildCompute } from './compute/build.ts';
import type { EmrNetwork } from './network-stack.ts';

export interface PipelineStackProps extends StackProps {
  environment: Environment;
  plan: Plan;
  /** The key of the data stack. */
  key: IKey;
  /** Folder with `glue-scripts/`, `lambdas/` and `package-lock.json`. */
  projectFolder: string;
  /** The network of clusters, if a stage runs on one. */
  network?: EmrNetwork;
  /** For stages on EMR. */
  packages: EnginePackages;
  /** Entry files that replace `lambdas/<name>/handler.ts`. */
  entries?: Readonly<Record<string, string>>;
  /** All Lambda functions; each is a folder. */
  functions: readonly PipelineFunction[];
}

/** One pipeline: compute, state machine, functions, and the triggers of runs. Holds no data. */
export class PipelineStack extends Stack {
  readonly pipeline: string;
  /** Models that it trains. */
  readonly models: readonly WatchedModel[];
  /** Compute kinds of its stages. */
  readonly computes: readonly Compute[];
  /** Sources that it reads. */
  readonly sources: readonly string[];
  /** Dead-letter queues: what fills each -> queue name. */
  readonly deadLetters: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    const {
      environment,
      plan,
      key: dataKey,
      projectFolder,
      network,
      packages,
      entries = {},
      functions,
      ...rest
    } = props;
    super(scope, id, rest);
    this.pipeline = plan.pipeline;
    this.models = plan.tasks.filter(learns).map(({ model, objective }) => ({ name: model, objective }));
    this.sources = plan.tasks.filter(fromSource).map(({ name }) => name);
    this.computes = kindsOf(plan);
    const names = namesOf(environment);
    const pipelineNames = names.pipeline(plan.pipeline);
    const arns = arnsOf(this, names, plan.pipeline);
    const logDays = environment.retentionDays.logs;
    // Imported by ARN, so that CDK does not change the key policy, which another stack owns.
    const key = Key.fromKeyArn(this, 'Key', dataKey.keyArn);
    const asset = planAsset(this, 'Plan', plan);
    const planObject = {
      actions: ['s3:GetObject'],
      resources: [`arn:${this.partition}:s3:::${asset.s3BucketName}/${asset.s3ObjectKey}`],
    };

    const compute = buildCompute({
      stack: this,
      environment,
      plan,
      key,
      names,
      pipelineNames,
      arns,
      engineFolder: path.join(projectFolder, 'glue-scripts'),
      network,
      packages,
      planObject,
    });

    const variables: Omit<FunctionVariables, 'SCHEDULE_NAME'> & { SCHEDULE_NAME?: string } = {
      PIPELINE: plan.pipeline,
      ENVIRONMENT: environment.name,
      BOOKMARKS_TABLE: names.table('bookmarks'),
      RUNS_TABLE: names.table('runs'),
      REGISTRY_TABLE: names.table('registry'),
      LAKE_BUCKET: names.bucket('lake'),
      RAW_BUCKET: names.bucket('raw'),
      ARTEFACTS_BUCKET: names.bucket('artefacts'),
      PLAN_BUCKET: asset.s3BucketName,
      PLAN_KEY: asset.s3ObjectKey,
      STATE_MACHINE_ARN: arns.machine,
      ...(environment.schedule !== undefined && { SCHEDULE_NAME: pipelineNames.schedule }),
      ALARM_TOPIC_ARN: arns.topic,
      METRIC_NAMESPACE: pipelineNames.metrics,
    };
    const schedule =
      environment.schedule === undefined
        ? undefined
        : new RunSchedule(this, 'Schedule', {
            scheduleName: pipelineNames.schedule,
            expression: environment.schedule,
            functionArn: arns.function('trigger'),
            deadLetterName: pipelineNames.deadLetters('schedule'),
            deadLetterArn: arns.queue(pipelineNames.deadLetters('schedule')),
            key,
          });
    const site = {
      plan,
      arns,
      arrivals: arns.queue(pipelineNames.arrivals),
      planObject,
      scheduleRoleArn: schedule?.role.role.roleArn,
    };
    const made = new Map(
      functions.map((each) => [
        each.name,
        new MillraceFunction(this, capitalised(each.name), {
          functionName: pipelineNames.function(each.name),
          description: each.description,
          entry: entries[each.name] ?? path.join(projectFolder, 'lambdas', each.name, 'handler.ts'),
          projectFolder,
          environment: { ...variables },
          permissions: each.permissions(site),
          key,
          logGroupName: pipelineNames.logs(each.name),
          logDays,
          ...(each.deadLetters && { deadLetterName: pipelineNames.deadLetters(each.name) }),
          timeout: Duration.seconds(each.timeoutSeconds ?? 30),
          memoryMegabytes: each.memoryMegabytes,
        }),
      ]),
    );
    const trigger = functions.find(({ name }) => name === 'trigger');
    const triggered = made.get('trigger');
    if (trigger === undefined || triggered === undefined) throw new Error('a pipeline needs the function trigger');
    new RawArrivals(this, 'Arrivals', {
      queueName: pipelineNames.arrivals,
      deadLetterName: pipelineNames.deadLetters('arrivals'),
      bucketName: names.bucket('raw'),
      folders: sourceFolders(plan),
      trigger: triggered.function,
      triggerTimeout: Duration.seconds(trigger.timeoutSeconds ?? 30),
      key,
    });
    const called = functions.filter(({ calledByMachine }) => calledByMachine).map(({ name }) => name);

    const machine = new PipelineMachine(this, 'Machine', {
      machineName: pipelineNames.machine,
      plan,
      substitutions: {
        Environment: environment.name,
        ...Object.fromEntries(
          called.map((name) => [`${capitalised(name)}Function`, made.get(name)!.function.functionName]),
        ),
        ...compute.substitutions,
      },
      permissions: [...compute.permissions, callsFunctions(arns, called)],
      metrics: pipelineNames.metrics,
      key,
      logDays,
    });
    machine.node.addDependency(...compute.before);

    // Events that arrived during a run get a run when it ends.
    new Rule(this, 'RunEnds', {
      description: `Sends ends of runs of ${plan.pipeline} to its trigger`,
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [arns.machine], status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      targets: [new LambdaFunction(triggered.function, { deadLetterQueue: triggered.deadLetters, retryAttempts: 10 })],
    });
    const kept = functions.filter(({ deadLetters }) => deadLetters).map(({ name }) => name);
    const served = ['arrivals', ...kept, ...(schedule === undefined ? [] : ['schedule'])];
    this.deadLetters = Object.fromEntries(served.map((part) => [part, pipelineNames.deadLetters(part)]));
  }
}

const capitalised = (name: string) => `${name[0]!.toUpperCase()}${name.slice(1)}`;
