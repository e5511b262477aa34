import { layout } from '../lake/layout.ts';
import type { Plan } from '../plan/schema.ts';
import type { Arns } from './arns.ts';
import { below, lakePrefixes, lists, listsRaw, ownObjects, readObject, readsRaw, writeObject } from './lake.ts';
import type { Permission } from './permission.ts';

/** The engine's permissions, derived from the plan: full action names, and only prefixes of the pipeline. */

/** The engine on Glue. */
export function engineMay(plan: Plan, arns: Arns): Permission[] {
  return [
    ...stageMay(plan, arns),
    {
      actions: [...readObject, ...writeObject, 's3:DeleteObject'],
      resources: below(arns.bucket('artefacts'), ['temporary/']),
      why: 'intermediate files, which Glue names',
    },
    lists(arns.bucket('artefacts'), ['temporary/']),
  ];
}

/** The engine on EMR, including the logs that its nodes write. `logs` is a prefix of the artefacts bucket. */
export function emrEngineMay(
  plans: readonly Plan[],
  arns: (plan: Plan) => Arns,
  key: string,
  logs: string,
): Permission[] {
  const first = arns(plans[0]!);
  return [
    ...plans.flatMap((plan) => stageMay(plan, arns(plan))),
    {
      actions: ['s3:PutObject'],
      resources: below(first.bucket('artefacts'), [logs]),
      why: 'logs, which clusters and jobs name',
    },
    lists(first.bucket('artefacts'), [logs]),
    { actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'], resources: [key] },
  ];
}

/** The permissions of a stage on any compute. */
function stageMay(plan: Plan, arns: Arns): Permission[] {
  const { pipeline } = plan;
  const lake = arns.bucket('lake');
  return [
    readsRaw(plan, arns),
    listsRaw(plan, arns),
    { actions: [...readObject, ...writeObject], resources: below(lake, [layout.models(pipeline)]), why: ownObjects },
    // Delta deletes expired log entries.
    {
      actions: [...readObject, ...writeObject, 's3:DeleteObject'],
      resources: below(lake, [layout.tables(pipeline)]),
      why: ownObjects,
    },
    // The work order of a run, and the outcomes of its tasks.
    { actions: ['s3:GetObject', 's3:PutObject'], resources: below(lake, [layout.runs(pipeline)]), why: ownObjects },
    lists(lake, [...lakePrefixes(pipeline), layout.runs(pipeline)]),
  ];
}
