import { Stack, type StackProps } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaByArn } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { computeKinds } from '../compute/compute.ts';
import { environmentTag } from '../compute/tags.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { AlarmTopic } from '../constructs/pipeline/alarm-topic.ts';
import { deadLetters } from '../constructs/pipeline/dead-letters.ts';
import { MonthlyBudget } from '../constructs/pipeline/monthly-budget.ts';
import type { WatchedModel } from '../constructs/pipeline/pipeline-alarms.ts';
import { PipelineAlarms } from '../constructs/pipeline/pipeline-alarms.ts';
import { PipelineDashboard } from '../constructs/pipeline/pipeline-dashboard.ts';
import { pipelineMetrics } from '../constructs/pipeline/pipeline-metrics.ts';
import { StreamAlarms, type WatchedStream } from '../constructs/streams/stream-alarms.ts';
import { hourUsd } from '../cost/billed.ts';
import { prices } from '../cost/price-table.ts';
import { regions } from '../cost/prices.ts';
import type { Compute } from '../definition/compute.ts';
import { computeSizesOf, type Environment } from '../environment/environment.ts';
import { namesOf } from '../environment/names.ts';
import { significantDrift } from '../metrics/names.ts';
import { arnsOf } from './arns.ts';

export interface MonitoringStackProps extends StackProps {
  environment: Environment;
  /** The key of the data stack. */
  key: IKey;
  pipelines: readonly Watched[];
}

export interface Watched {
  pipeline: string;
  /** Compute kinds of its stages. */
  computes: readonly Compute[];
  /** Dead-letter queues: what fills each -> queue name. */
  deadLetters: Readonly<Record<string, string>>;
  /** Models that it trains. */
  models: readonly WatchedModel[];
  /** Sources that it reads. */
  sources: readonly string[];
  /** Sources that arrive by streams. */
  streams: readonly WatchedStream[];
}

/** Alarm thresholds for every environment. */
const limits = { drift: significantDrift };
const quarantineShare = 0.05;

/** USD per hour of the most expensive compute that a pipeline uses: an upper bound for an alarm. Regions without prices use those of the first region. */
function runHourUsd(environment: Environment, computes: readonly Compute[]): number {
  const sizes = computeSizesOf(environment);
  const priced = regions.find((each) => each === environment.region) ?? regions[0];
  const hours = computes.map((compute) =>
    computeKinds[compute].billing(sizes).billed.reduce((sum, each) => sum + hourUsd(each, priced, prices).expected, 0),
  );
  return Math.max(...hours);
}

/** Alarms, notifications and automatic responses of an environment. */
export class MonitoringStack extends Stack {
  constructor(scope: Construct, id: string, props: MonitoringStackProps) {
    const { environment, key: dataKey, pipelines, ...rest } = props;
    super(scope, id, rest);
    const names = namesOf(environment);
    const key = Key.fromKeyArn(this, 'Key', dataKey.keyArn);
    const { topic } = new AlarmTopic(this, 'Alarms', {
      topicName: names.topic,
      key,
      addresses: environment.alarmAddresses,
    });
    // A dedicated topic, so that the responder does not receive its own notifications.
    const { topic: spent } = new AlarmTopic(this, 'Spent', { topicName: names.budget, key, addresses: [] });
    if (!environment.lacks?.includes('AWS::Budgets::Budget')) {
      new MonthlyBudget(this, 'Budget', {
        budgetName: names.budget,
        usd: environment.budgetUsd,
        tag: { key: environmentTag, value: environment.name },
        nearingTopicArn: topic.topicArn,
        spentTopicArn: spent.topicArn,
        addresses: environment.alarmAddresses,
      });
    }
    for (const watched of pipelines) this.watch(environment, watched, key, { topic, spent });
  }

  private watch(
    environment: Environment,
    watched: Watched,
    key: IKey,
    { topic, spent }: { topic: ITopic; spent: ITopic },
  ): void {
    const { pipeline, computes, models, sources, streams } = watched;
    const names = namesOf(environment);
    const pipelineNames = names.pipeline(pipeline);
    const partName = environment.lacks?.includes('AWS::CloudWatch::CompositeAlarm')
      ? undefined
      : pipelineNames.alarmPart;
    const arns = arnsOf(this, names, pipeline);
    const { runbook, schedule, lateAfterHours, budgetUsd } = environment;
    const { inputAfterHours = 2 * lateAfterHours } = environment;

    const unanswered = deadLetters(this, `Unanswered-${pipeline}`, pipelineNames.deadLetters('alarms'), key);
    acknowledge(unanswered, {
      rule: 'SQS3',
      in: ['AwsSolutions'],
      reason: 'it is the dead-letter queue of a rule, which the cdk-nag rule does not recognise',
    });
    const letters = { ...watched.deadLetters, alarms: pipelineNames.deadLetters('alarms') };
    const metrics = pipelineMetrics({ machineArn: arns.machine, namespace: pipelineNames.metrics });
    const { alarms } = new PipelineAlarms(this, `Alarms-${pipeline}`, {
      metrics,
      alarmName: pipelineNames.alarm,
      partName,
      topic,
      runbook,
      due:
        schedule === undefined
          ? undefined
          : {
              hours: lateAfterHours,
              inputHours: inputAfterHours,
              rows: inputAfterHours <= 2 * lateAfterHours,
            },
      models,
      limits,
      deadLetters: letters,
      quarantineShare,
      // A tenth of the monthly budget in one day: this fires long before the budget itself.
      cost: { dayUsd: budgetUsd / 10, runHourUsd: runHourUsd(environment, computes) },
    });
    const ofStreams = new StreamAlarms(this, `Streams-${pipeline}`, {
      alarmName: pipelineNames.alarm,
      partName,
      topic,
      runbook,
      streams,
    });
    const responder = LambdaByArn.fromFunctionAttributes(this, `Responder-${pipeline}`, {
      functionArn: arns.function('respond'),
      sameEnvironment: true,
    });
    new Rule(this, `Responses-${pipeline}`, {
      description: `Sends alarms of the pipeline ${pipeline} to its responder`,
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        detail: { alarmName: [{ prefix: pipelineNames.alarm('') }], state: { value: ['ALARM'] } },
      },
      targets: [new LambdaFunction(responder, { deadLetterQueue: unanswered, retryAttempts: 10 })],
    });
    spent.addSubscription(new LambdaSubscription(responder, { deadLetterQueue: unanswered }));
    new PipelineDashboard(this, `Dashboard-${pipeline}`, {
      dashboardName: pipelineNames.dashboard,
      pipeline,
      environment: environment.name,
      runbook,
      metrics,
      alarms: [...alarms, ...ofStreams.alarms],
      models,
      sources,
      streams,
      arrivalsName: pipelineNames.arrivals,
      deadLetterNames: Object.values(letters),
    });
  }
}
