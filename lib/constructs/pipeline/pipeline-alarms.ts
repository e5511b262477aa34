import { Duration } from 'aws-cdk-lib';
import { Alarm, type AlarmBase, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import {
  type ObjectiveAlarm,
  type ObjectiveName,
  objectiveAlarms,
  objectiveOf,
  watchedOf,
} from '../../learning/learning.ts';
import { counted } from '../../words.ts';
import { alarmOnceSeen, seenAlarm } from './alarm-once-seen.ts';
import type { PipelineMetrics } from './pipeline-metrics.ts';

/** Kinds of alarms: the end of the alarm's name, which selects the responder's rule, and the section of the runbook. */
const generalKinds = [
  'run-failed',
  'run-late',
  'quality-held',
  'model-worse',
  'drift',
  'dead-letters',
  'quarantine-share',
  'freshness',
  'volume',
  'cost',
] as const;

/** Objectives add their own kinds. */
type AlarmKind = (typeof generalKinds)[number] | ObjectiveAlarm['kind'];

export const alarmKinds: readonly AlarmKind[] = [...generalKinds, ...objectiveAlarms.map(({ kind }) => kind)];

export interface WatchedModel {
  name: string;
  objective: ObjectiveName;
}

export interface PipelineAlarmsProps {
  metrics: PipelineMetrics;
  alarmName: (kind: string) => string;
  /** Names of alarms that are only parts of others, so that no rule for `alarmName` matches them. Undefined: no composite alarms. */
  partName?: (kind: string) => string;
  topic: ITopic;
  /** URL or path of the runbook, without a section. */
  runbook: string;
  /** Set if runs are scheduled. */
  due?: Due;
  /** Models that the pipeline trains. */
  models: readonly WatchedModel[];
  limits: {
    /** Population stability index of a feature. */
    drift: number;
  };
  /** Dead-letter queues: what fills each -> queue name. */
  deadLetters: Readonly<Record<string, string>>;
  /** Share (0 to 1) of a run's rows that may be quarantined. */
  quarantineShare: number;
  /** USD that the runs of a day may cost, and the cost of one run hour with the maximum number of workers. */
  cost: { dayUsd: number; runHourUsd: number };
}

/** Expectations of scheduled runs. CloudWatch alarm periods cannot exceed 24 hours. */
export interface Due {
  /** A run must succeed within this many hours. */
  hours: number;
  /** Whether runs must also read rows within these hours. */
  rows: boolean;
  /** Maximum age in hours of the newest input at a claim. */
  inputHours: number;
}

interface Rule {
  kind: AlarmKind;
  /** Distinguishes several alarms of one kind. */
  subject?: string;
  what: string;
  metric: IMetric;
  threshold: number;
  below?: boolean;
  /** Whether missing data triggers the alarm. */
  needed?: boolean;
}

/** The alarms of one pipeline. Each describes the problem, links to its section of the runbook, and notifies the topic in both directions. */
export class PipelineAlarms extends Construct {
  readonly alarms: AlarmBase[];

  constructor(scope: Construct, id: string, props: PipelineAlarmsProps) {
    super(scope, id);
    const { alarmName, partName, topic, runbook, metrics, due } = props;
    const seen =
      due === undefined || partName === undefined
        ? undefined
        : seenAlarm(this, 'has-run', partName('has-run'), metrics.runs('Succeeded', Duration.minutes(5)));
    this.alarms = rules(props).map(({ kind, subject, what, metric, threshold, below = false, needed = false }) => {
      const name = subject === undefined ? kind : `${subject}-${kind}`;
      const given = {
        alarmName: alarmName(name),
        alarmDescription: `${what} Runbook: ${runbook}#${kind}`,
        metric,
        threshold,
        comparisonOperator: below
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      };
      const alarm = needed
        ? alarmOnceSeen(this, name, { ...given, seen, partName: partName?.(name) ?? name })
        : new Alarm(this, name, { ...given, evaluationPeriods: 1, treatMissingData: TreatMissingData.NOT_BREACHING });
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
      return alarm;
    });
  }
}

function rules(props: PipelineAlarmsProps): Rule[] {
  const { metrics, due, deadLetters, cost } = props;
  const minutes = Duration.minutes(5);
  const hoursOfRuns = cost.dayUsd / cost.runHourUsd;
  return [
    { kind: 'run-failed', what: 'A run failed.', metric: metrics.runs('Failed', minutes), threshold: 1 },
    {
      kind: 'run-failed',
      subject: 'timeout',
      what: 'A run timed out.',
      metric: metrics.runs('TimedOut', minutes),
      threshold: 1,
    },
    {
      kind: 'run-failed',
      subject: 'abort',
      what: 'A run was stopped.',
      metric: metrics.runs('Aborted', minutes),
      threshold: 1,
    },
    ...(due === undefined ? [] : dueRules(due, metrics)),
    {
      kind: 'quality-held',
      what: 'The quality gate held a new model version; the live version still scores.',
      metric: metrics.qualityHeld(minutes),
      threshold: 1,
    },
    ...props.models.flatMap((model) => modelRules(model, props)),
    ...Object.entries(deadLetters).map(
      ([of, name]): Rule => ({
        kind: 'dead-letters',
        subject: of,
        what: `An event for ${of} could not be delivered; it waits in ${name}.`,
        metric: metrics.waiting(name),
        threshold: 1,
      }),
    ),
    {
      kind: 'quarantine-share',
      what: `More than ${Math.round(props.quarantineShare * 100)} % of a run's rows were quarantined.`,
      metric: metrics.quarantineShare(minutes),
      threshold: props.quarantineShare,
    },
    {
      kind: 'cost',
      what: `The runs of one day took ${hoursOfRuns.toFixed(1)} hours, which may have cost ${cost.dayUsd} USD.`,
      // Measures time, not money: costs are known only a day later, and a runaway must be stopped sooner.
      metric: metrics.runTime('Sum', Duration.days(1)),
      threshold: Math.round(hoursOfRuns * 3_600_000),
    },
  ];
}

/** After the first run, these alarms also fire on missing data: a schedule that starts nothing publishes nothing. */
function dueRules({ hours, rows, inputHours }: Due, metrics: PipelineMetrics): Rule[] {
  const period = Duration.hours(hours);
  return [
    {
      kind: 'run-late',
      what: `No run has succeeded for ${counted(hours, 'hour')}.`,
      metric: metrics.runs('Succeeded', period),
      threshold: 1,
      below: true,
      needed: true,
    },
    {
      kind: 'freshness',
      what: `The newest input is more than ${counted(inputHours, 'hour')} old, or no run has checked for ${counted(hours, 'hour')}.`,
      metric: metrics.inputAge(period),
      threshold: inputHours * 3600,
      needed: true,
    },
    ...(rows
      ? [
          {
            kind: 'volume' as const,
            what: `No run has read a row for ${counted(hours, 'hour')}.`,
            metric: metrics.rowsRead(period),
            threshold: 1,
            below: true,
            needed: true,
          },
        ]
      : []),
  ];
}

/** These alarms stay quiet without data: if there is nothing new to learn, no candidate is judged. */
function modelRules({ name: model, objective }: WatchedModel, { metrics, limits }: PipelineAlarmsProps): Rule[] {
  const minutes = Duration.minutes(5);
  const { judgedBy } = objectiveOf({ objective });
  return [
    {
      kind: 'model-worse',
      subject: model,
      what: `The new version of ${model} is worse than the previous one by ${judgedBy.worseBy} of ${judgedBy.label} or more.`,
      metric: metrics.worseBy(model, minutes),
      threshold: judgedBy.worseBy,
    },
    ...watchedOf(objective).alarms.map((figure) => ({
      kind: figure.alarm.kind,
      subject: model,
      what: figure.alarm.what(model, figure.alarm.threshold),
      metric: metrics.watched(figure, model, minutes),
      threshold: figure.alarm.threshold,
    })),
    {
      kind: 'drift',
      subject: model,
      what: `An input of ${model} has drifted by ${limits.drift} or more (population stability index).`,
      metric: metrics.drift(model, minutes),
      threshold: limits.drift,
    },
  ];
}
