import { pipelineFunction } from '../../lib/functions/pipeline-function.ts';
import { below, items, lists, ownObjects, publishesPromotions, readObject } from '../../lib/permissions/lake.ts';

export const quality = pipelineFunction({
  name: 'quality',
  description: 'The gate between training and use',
  variables: ['PIPELINE', 'ENVIRONMENT', 'REGISTRY_TABLE', 'LAKE_BUCKET', 'METRIC_NAMESPACE'],
  permissions: ({ plan, arns }) => {
    const models = [`models/${plan.pipeline}/`];
    return [
      items(arns.table('registry'), ['Query', 'PutItem']),
      { actions: readObject, resources: below(arns.bucket('lake'), models), why: ownObjects },
      // Without it, a review that is not there would be one that may not be read.
      lists(arns.bucket('lake'), models),
      ...publishesPromotions(plan, arns),
    ];
  },
  timeoutSeconds: 60,
  calledByMachine: true,
});
