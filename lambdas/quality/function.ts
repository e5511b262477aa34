import { pipelineFunction } from '../../lib/functions/pipeline-function.ts';
import { layout } from '../../lib/lake/layout.ts';
import { below, items, lists, ownObjects, publishesPromotions, readObject } from '../../lib/permissions/lake.ts';

export const quality = pipelineFunction({
  name: 'quality',
  description: 'Quality gate: promotes or holds new model versions',
  variables: ['PIPELINE', 'ENVIRONMENT', 'REGISTRY_TABLE', 'LAKE_BUCKET', 'METRIC_NAMESPACE'],
  permissions: ({ plan, arns }) => {
    const models = [layout.models(plan.pipeline)];
    return [
      items(plan, arns, 'registry', ['Query', 'PutItem']),
      { actions: readObject, resources: below(arns.bucket('lake'), models), why: ownObjects },
      // Without this, S3 reports a missing review as access denied.
      lists(arns.bucket('lake'), models),
      ...publishesPromotions(plan, arns),
    ];
  },
  timeoutSeconds: 60,
  calledByMachine: true,
});
