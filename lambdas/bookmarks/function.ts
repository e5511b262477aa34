import { pipelineFunction } from '../../lib/functions/pipeline-function.ts';
import { layout } from '../../lib/lake/layout.ts';
import { below, items, lakePrefixes, lists, listsRaw, ownObjects } from '../../lib/permissions/lake.ts';
import { seesRuns } from '../../lib/permissions/runs.ts';

export const bookmarks = pipelineFunction({
  name: 'bookmarks',
  description: 'Bookmarks: tracks which inputs belong to which run',
  variables: ['PIPELINE', 'ENVIRONMENT', 'BOOKMARKS_TABLE', 'REGISTRY_TABLE', 'LAKE_BUCKET', 'METRIC_NAMESPACE'],
  permissions: ({ plan, arns, planObject }) => {
    const lake = arns.bucket('lake');
    const kept = [layout.bookmarks(plan.pipeline)];
    return [
      items(plan, arns, 'bookmarks', ['GetItem', 'PutItem']),
      items(plan, arns, 'registry', ['Query']),
      {
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: below(lake, [layout.runs(plan.pipeline)]),
        why: ownObjects,
      },
      { actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], resources: below(lake, kept), why: ownObjects },
      // The logs of the tables, to see which runs committed; never their rows.
      {
        actions: ['s3:GetObject'],
        resources: below(lake, [layout.logs(plan.pipeline)]),
        why: ownObjects,
      },
      // Without this, S3 reports a missing object as access denied.
      lists(lake, [...lakePrefixes(plan.pipeline), ...kept, layout.runs(plan.pipeline)]),
      listsRaw(plan, arns),
      seesRuns(arns),
      planObject,
    ];
  },
  // Listing many objects takes long; the state machine's timeout allows for it.
  timeoutSeconds: 300,
  memoryMegabytes: 1024,
  calledByMachine: true,
});
