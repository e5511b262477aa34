import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmBase,
  ComparisonOperator,
  GraphWidget,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { counted } from '../../words.ts';
import { alarmOnceSeen, seenAlarm } from '../pipeline/alarm-once-seen.ts';

/** The names of a stream and its landing. */
export interface WatchedStream {
  source: string;
  /** Kinesis stream name. */
  streamName: string;
  /** Firehose delivery stream name. */
  landingName: string;
  /** Firehose's buffer time. */
  bufferSeconds: number;
}

export interface StreamAlarmsProps {
  alarmName: (kind: string) => string;
  /** Names of alarms that are only parts of others. Undefined: no composite alarms. */
  partName?: (kind: string) => string;
  topic: ITopic;
  /** URL or path of the runbook, without a section. */
  runbook: string;
  streams: readonly WatchedStream[];
  /** How far the reader of a stream may be behind, and how long landing may take beyond its buffer. */
  behind?: Duration;
}

const period = Duration.minutes(5);

/** Alarms of streams: a reader that is behind or gone, records that are not landed, and throttled writers. */
export class StreamAlarms extends Construct {
  readonly alarms: AlarmBase[];

  constructor(scope: Construct, id: string, props: StreamAlarmsProps) {
    super(scope, id);
    const { alarmName, partName, topic, runbook, behind = Duration.minutes(15) } = props;
    const minutes = behind.toMinutes();
    const alarm = (name: string, what: string, metric: Metric, threshold: number, needed = false) => {
      const given = {
        alarmName: alarmName(name),
        alarmDescription: `${what} Runbook: ${runbook}#iterator-age`,
        metric,
        threshold,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      };
      const seen = needed && partName ? seenAlarm(this, `${name}-seen`, partName(`${name}-seen`), metric) : undefined;
      const made = needed
        ? alarmOnceSeen(this, name, { ...given, seen, partName: partName?.(name) ?? name })
        : new Alarm(this, name, { ...given, evaluationPeriods: 1, treatMissingData: TreatMissingData.NOT_BREACHING });
      made.addAlarmAction(new SnsAction(topic));
      made.addOkAction(new SnsAction(topic));
      return made;
    };
    this.alarms = props.streams.flatMap((stream) => {
      const { source, bufferSeconds } = stream;
      const metrics = streamMetrics(stream);
      // With partitioning, Firehose holds records for one and a half times its buffer time.
      const landed = Math.ceil(1.5 * bufferSeconds) + behind.toSeconds();
      return [
        alarm(
          `${source}-iterator-age`,
          `The landing of ${source} reads its stream ${counted(minutes, 'minute')} behind, or not at all.`,
          metrics.behind,
          behind.toMilliseconds(),
          true, // Firehose reads every second and each read publishes an age, so missing data means that nobody reads
        ),
        alarm(
          `${source}-landing-iterator-age`,
          `Records of ${source} wait for more than ${counted(Math.round(landed / 60), 'minute')} to be written as files.`,
          metrics.waiting,
          landed, // without records nothing is published, so missing data is fine
        ),
        alarm(
          `${source}-writes-iterator-age`,
          `The stream of ${source} throttled writes: it has too few shards, or one partition key dominates.`,
          metrics.refused,
          1,
        ),
      ];
    });
  }
}

/** Two graphs side by side on a dashboard of width 24. */
export function streamWidgets(streams: readonly WatchedStream[]): GraphWidget[] {
  const graph = (title: string, label: string, metric: 'waiting' | 'records') => ({
    title,
    width: 12,
    left: streams.map((stream) => streamMetrics(stream)[metric].with({ label: stream.source })),
    leftYAxis: { label, showUnits: false, min: 0 },
  });
  return [
    new GraphWidget(graph('Records put to streams', 'records', 'records')),
    new GraphWidget(graph('Age of records waiting to be landed', 'seconds', 'waiting')),
  ];
}

function streamMetrics({ streamName, landingName }: WatchedStream) {
  const kinesis = (metricName: string, statistic: string) =>
    new Metric({ namespace: 'AWS/Kinesis', metricName, statistic, period, dimensionsMap: { StreamName: streamName } });
  return {
    /** How far the reader of the stream is behind, in milliseconds. */
    behind: kinesis('GetRecords.IteratorAgeMilliseconds', 'Maximum'),
    refused: kinesis('WriteProvisionedThroughputExceeded', 'Sum'),
    records: kinesis('IncomingRecords', 'Sum'),
    /** Age in seconds of the oldest record that is not in a file yet. */
    waiting: new Metric({
      namespace: 'AWS/Firehose',
      metricName: 'DeliveryToS3.DataFreshness',
      statistic: 'Maximum',
      period,
      dimensionsMap: { DeliveryStreamName: landingName },
    }),
  };
}
