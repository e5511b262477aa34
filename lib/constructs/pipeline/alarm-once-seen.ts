import {
  Alarm,
  type AlarmBase,
  AlarmRule,
  AlarmState,
  type ComparisonOperator,
  CompositeAlarm,
  type IAlarm,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface AlarmOnceSeenProps {
  alarmName: string;
  alarmDescription: string;
  metric: IMetric;
  threshold: number;
  comparisonOperator: ComparisonOperator;
  /** From `seenAlarm`. Undefined: the alarm fires without data from the start. */
  seen?: IAlarm;
  /** Name of the alarm on the metric itself. */
  partName: string;
}

/**
 * An alarm that also fires on missing data, but only after there has been some: a metric alarm alone fires in every new deployment,
 * because nothing has run yet. Only a composite alarm can combine the two conditions.
 */
export function alarmOnceSeen(scope: Construct, id: string, props: AlarmOnceSeenProps): AlarmBase {
  const { alarmName, alarmDescription, seen, partName, ...condition } = props;
  const missing = { ...condition, evaluationPeriods: 1, treatMissingData: TreatMissingData.BREACHING };
  if (seen === undefined) return new Alarm(scope, id, { alarmName, alarmDescription, ...missing });
  const part = quiet(new Alarm(scope, `${id}-part`, { alarmName: partName, alarmDescription, ...missing }));
  return new CompositeAlarm(scope, id, {
    compositeAlarmName: alarmName,
    alarmDescription,
    alarmRule: AlarmRule.allOf(
      AlarmRule.fromAlarm(part, AlarmState.ALARM),
      AlarmRule.not(AlarmRule.fromAlarm(seen, AlarmState.INSUFFICIENT_DATA)),
    ),
  });
}

/** Has insufficient data until the metric has had some, and then never again, because it ignores missing data. */
export const seenAlarm = (scope: Construct, id: string, alarmName: string, metric: IMetric): Alarm =>
  quiet(
    new Alarm(scope, id, {
      alarmName,
      alarmDescription: 'Insufficient data: the metric has never had any, so alarms on missing data do not fire yet.',
      metric,
      threshold: 0,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.IGNORE,
    }),
  );

function quiet(alarm: Alarm): Alarm {
  acknowledge(alarm, {
    rule: 'CloudWatchAlarmAction',
    in: ['HIPAA.Security', 'NIST.800.53.R5'],
    reason: 'it is a part of a composite alarm, which has the actions',
  });
  return alarm;
}
