import { pipelineFunction } from '../../lib/functions/pipeline-function.ts';
import { runVariables } from '../../lib/functions/variables.ts';
import { startsRuns } from '../../lib/permissions/runs.ts';

export const trigger = pipelineFunction({
  name: 'trigger',
  description: 'Trigger: starts runs, one at a time',
  variables: [...runVariables],
  permissions: ({ plan, arns, arrivals }) => [
    ...startsRuns(plan, arns),
    {
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resources: [arrivals],
    },
  ],
  timeoutSeconds: 60,
  deadLetters: true,
});
