import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { PipelineMetrics } from './pipeline-metrics.ts';

/** What an alarm is about: the end of its name, by which the responder goes, and the section of the runbook that it links to. */
export type AlarmKind =
  | 'run-failed'
  | 'run-late'
  | 'quality-held'
  | 'auc-drop'
  | 'dead-letters'
  | 'iterator-age'
  | 'quarantine-share'
  | 'cost';

export interface PipelineAlarmsProps {
  metrics: PipelineMetrics;
  alarmName: (kind: string) => string;
  topic: ITopic;
  /** URL or path of the runbook, without a section. */
  runbook: string;
  /** Where runs are scheduled: after how many hours without a run that succeeded there is one too few. */
  lateAfterHours?: number;
  /** Models that the pipeline trains, and how far below the version before a new one's AUC may be. */
  models: readonly string[];
  aucDrop: number;
  /** Queues that are empty while all is well: what fills each -> its name. */
  deadLetters: Readonly<Record<string, string>>;
  /** Function that reads a stream, where there is one, and how far it may be behind. */
  stream?: { functionName: string; behind: Duration };
  /** Share (0 to 1) of a run's rows that may be quarantined. */
  quarantineShare: number;
  /** USD that the runs of a day may cost, and what an hour of a run costs with every worker that auto-scaling allows. */
  cost: { dayUsd: number; runHourUsd: number };
}

interface Rule {
  kind: AlarmKind;
  /** Tells several alarms of one kind apart. */
  of?: string;
  what: string;
  metric: IMetric;
  threshold: number;
  below?: boolean;
  /** Whether no data means trouble. */
  needed?: boolean;
}

/** The alarms of one pipeline. Each says what is wrong, links to its section of the runbook, and tells the topic when it comes and goes. */
export class PipelineAlarms extends Construct {
  readonly alarms: Alarm[];

  constructor(scope: Construct, id: string, props: PipelineAlarmsProps) {
    super(scope, id);
    const { alarmName, topic, runbook } = props;
    this.alarms = rules(props).map(({ kind, of, what, metric, threshold, below = false, needed = false }) => {
      const name = of === undefined ? kind : `${of}-${kind}`;
      const alarm = new Alarm(this, name, {
        alarmName: alarmName(name),
        alarmDescription: `${what} Runbook: ${runbook}#${kind}`,
        metric,
        threshold,
        evaluationPeriods: 1,
        comparisonOperator: below
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: needed ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
      return alarm;
    });
  }
}

function rules(props: PipelineAlarmsProps): Rule[] {
  const { metrics, lateAfterHours, deadLetters, stream, cost } = props;
  const minutes = Duration.minutes(5);
  const hoursOfRuns = cost.dayUsd / cost.runHourUsd;
  return [
    { kind: 'run-failed', what: 'A run failed.', metric: metrics.runs('Failed', minutes), threshold: 1 },
    {
      kind: 'run-failed',
      of: 'timeout',
      what: 'A run took longer than it may.',
      metric: metrics.runs('TimedOut', minutes),
      threshold: 1,
    },
    {
      kind: 'run-failed',
      of: 'abort',
      what: 'A run was stopped.',
      metric: metrics.runs('Aborted', minutes),
      threshold: 1,
    },
    ...(lateAfterHours === undefined
      ? []
      : [
          {
            kind: 'run-late' as const,
            what: `No run has succeeded for ${lateAfterHours} hours.`,
            metric: metrics.runs('Succeeded', Duration.hours(lateAfterHours)),
            threshold: 1,
            below: true,
            needed: true, // a schedule that starts nothing reports nothing
          },
        ]),
    {
      kind: 'quality-held',
      what: 'The quality gate holds a new model; the one before it still scores.',
      metric: metrics.qualityHeld(minutes),
      threshold: 1,
    },
    ...props.models.map((model) => ({
      kind: 'auc-drop' as const,
      of: model,
      what: `The new version of ${model} is worse than the one before by ${props.aucDrop} of AUC or more.`,
      metric: metrics.aucDrop(model, minutes),
      threshold: props.aucDrop,
    })),
    ...Object.entries(deadLetters).map(([of, name]) => ({
      kind: 'dead-letters' as const,
      of,
      what: `An event for ${of} could not be delivered; it waits in ${name}.`,
      metric: metrics.waiting(name),
      threshold: 1,
    })),
    ...(stream === undefined
      ? []
      : [
          {
            kind: 'iterator-age' as const,
            what: `The reader of the stream is more than ${stream.behind.toMinutes()} minutes behind, or stands still.`,
            metric: metrics.iteratorAge(stream.functionName),
            threshold: stream.behind.toMilliseconds(),
            needed: true, // a reader that does not run has no age
          },
        ]),
    {
      kind: 'quarantine-share',
      what: `More than ${Math.round(props.quarantineShare * 100)} % of a run's rows were quarantined.`,
      metric: metrics.quarantineShare(minutes),
      threshold: props.quarantineShare,
    },
    {
      kind: 'cost',
      what: `The runs of one day took ${hoursOfRuns.toFixed(1)} hours, which may have cost ${cost.dayUsd} USD.`,
      // Of time, not of money: CloudWatch knows what runs cost only a day later, and a runaway is to be stopped sooner.
      metric: metrics.runTime('Sum', Duration.days(1)),
      threshold: Math.round(hoursOfRuns * 3_600_000),
    },
  ];
}
