import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { RecordStream } from '../constructs/streams/record-stream.ts';
import { RejectedRecords } from '../constructs/streams/rejected-records.ts';
import type { WatchedStream } from '../constructs/streams/stream-alarms.ts';
import { StreamLanding } from '../constructs/streams/stream-landing.ts';
import { type Environment, streamsOf } from '../environment/environment.ts';
import { namesOf, type PipelineNames, streamNameIssues } from '../environment/names.ts';
import { type Issue, MillraceError } from '../errors.ts';
import { sourceFolder } from '../permissions/lake.ts';
import type { Plan } from '../plan/schema.ts';
import { streamedTasks } from '../plan/streams.ts';

export interface IngestionStackProps extends StackProps {
  environment: Environment;
  /** Plans with a stream source. */
  plans: readonly Plan[];
  /** The key of the data stack. */
  key: IKey;
}

/** The resources of a pipeline's streams to monitor. */
export interface Ingested {
  streams: readonly WatchedStream[];
  /** Dead-letter queues: what fills each -> queue name. */
  deadLetters: Readonly<Record<string, string>>;
}

/** Days that SQS keeps the message about records that could not be landed. */
const messageDays = 14;

/** Streams and their landing in the raw bucket, for every stream source. Throws MR601 (a name is too long) and MR610. */
export class IngestionStack extends Stack {
  /** By pipeline. */
  readonly ingested: Readonly<Record<string, Ingested>>;

  constructor(scope: Construct, id: string, props: IngestionStackProps) {
    const { environment, plans, key: dataKey, ...rest } = props;
    const issues = [...plans.flatMap((plan) => streamNameIssues(environment, plan)), ...retentionIssues(environment)];
    if (issues.length > 0) throw new MillraceError(issues);
    super(scope, id, rest);
    const key = Key.fromKeyArn(this, 'Key', dataKey.keyArn);
    const names = namesOf(environment);
    this.ingested = Object.fromEntries(
      plans.map((plan) => [plan.pipeline, this.ingest(environment, plan, names.pipeline(plan.pipeline), key)]),
    );
  }

  private ingest(environment: Environment, plan: Plan, pipelineNames: PipelineNames, key: IKey): Ingested {
    const { capacity, retentionHours, bufferSeconds, bufferMiB } = streamsOf(environment);
    const { pipeline } = plan;
    const bucketName = namesOf(environment).bucket('raw');
    const sources = streamedTasks(plan);
    const errors = (source: string) => `${errorFolder}${pipeline}/${source}/`;
    const streams = sources.map((task) => {
      const { name } = task;
      const { stream, headers } = task.source;
      const streamName = pipelineNames.stream(name);
      const landingName = pipelineNames.landing(name, stream.partitionBy !== undefined);
      const records = new RecordStream(this, `Stream-${pipeline}-${name}`, {
        streamName,
        capacity,
        retentionHours,
        removal: environment.removal === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
        key,
      });
      new StreamLanding(this, `Landing-${pipeline}-${name}`, {
        deliveryStreamName: landingName,
        stream: records.stream,
        bucketName,
        folder: sourceFolder(plan, task),
        errorFolder: errors(name),
        // In a record, the field has the name from `headers`.
        partitionBy: stream.partitionBy && (headers[stream.partitionBy] ?? stream.partitionBy),
        buffer: { seconds: bufferSeconds, mebibytes: bufferMiB },
        key,
        logGroupName: pipelineNames.logs(`landing-${name}`),
        logDays: environment.retentionDays.logs,
      });
      return { source: name, streamName, landingName, bufferSeconds };
    });
    new RejectedRecords(this, `Rejected-${pipeline}`, {
      queueName: pipelineNames.deadLetters('streams'),
      bucketName,
      folders: sources.map(({ name }) => errors(name)),
      key,
    });
    return { streams, deadLetters: { streams: pipelineNames.deadLetters('streams') } };
  }
}

/** The error folder of the raw bucket. No pipeline name begins with `_`, so no source is in it. */
const errorFolder = '_errors/';

/** Records that could not be landed are raw objects too: they must not expire before the message about them. */
function retentionIssues({ name, retentionDays }: Environment): Issue[] {
  const { raw } = retentionDays;
  if (raw === undefined || raw > messageDays) return [];
  return [
    {
      code: 'MR610',
      path: `environments.ts  ${name}.retentionDays.raw`,
      message: `records that a stream could not land would be deleted after ${raw} days, before the message about them expires`,
      hint: `set more than ${messageDays} days, or remove the setting`,
    },
  ];
}
