import { pipelineFunction } from '../../lib/functions/pipeline-function.ts';
import { runVariables } from '../../lib/functions/variables.ts';
import { items, publishesPromotions } from '../../lib/permissions/lake.ts';
import { passesRole } from '../../lib/permissions/permission.ts';
import { startsRuns } from '../../lib/permissions/runs.ts';

export const respond = pipelineFunction({
  name: 'respond',
  description: 'Answers alarms as the runbook says',
  variables: [...runVariables, 'REGISTRY_TABLE', 'ALARM_TOPIC_ARN'],
  permissions: ({ plan, arns, scheduleRoleArn }) => [
    ...startsRuns(arns),
    items(arns.table('runs'), ['UpdateItem', 'DeleteItem']),
    items(arns.table('registry'), ['Query', 'PutItem']),
    ...publishesPromotions(plan, arns),
    { actions: ['sns:Publish'], resources: [arns.topic] },
    // To pause a schedule is to write it again, with its role.
    ...(scheduleRoleArn === undefined
      ? []
      : [
          { actions: ['scheduler:GetSchedule', 'scheduler:UpdateSchedule'], resources: [arns.schedule] },
          passesRole(scheduleRoleArn, 'scheduler.amazonaws.com'),
        ]),
  ],
  deadLetters: true,
});
