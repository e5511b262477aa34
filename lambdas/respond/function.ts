import { pipelineFunction } from '../../lib/functions/pipeline-function.ts';
import { runVariables } from '../../lib/functions/variables.ts';
import { layout } from '../../lib/lake/layout.ts';
import { below, items, ownObjects, publishesPromotions, readObject } from '../../lib/permissions/lake.ts';
import { passesRole } from '../../lib/permissions/permission.ts';
import { startsRuns } from '../../lib/permissions/runs.ts';

export const respond = pipelineFunction({
  name: 'respond',
  description: 'Responds to alarms as defined in the runbook',
  variables: [...runVariables, 'REGISTRY_TABLE', 'ALARM_TOPIC_ARN'],
  permissions: ({ plan, arns, scheduleRoleArn }) => [
    ...startsRuns(plan, arns),
    items(plan, arns, 'runs', ['UpdateItem', 'DeleteItem']),
    items(plan, arns, 'registry', ['Query', 'PutItem']),
    // The files of a version, to see that it can score before a roll-back makes it live.
    { actions: readObject, resources: below(arns.bucket('lake'), [layout.models(plan.pipeline)]), why: ownObjects },
    ...publishesPromotions(plan, arns),
    { actions: ['sns:Publish'], resources: [arns.topic] },
    // Updating a schedule rewrites all of it, so the responder needs PassRole for its role.
    ...(scheduleRoleArn === undefined
      ? []
      : [
          { actions: ['scheduler:GetSchedule', 'scheduler:UpdateSchedule'], resources: [arns.schedule] },
          passesRole(scheduleRoleArn, 'scheduler.amazonaws.com'),
        ]),
  ],
  deadLetters: true,
});
