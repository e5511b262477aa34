import type { Plan } from '../plan/schema.ts';
import type { Arns } from './arns.ts';
import { below, lakePrefixes, lists, listsRaw, ownObjects, readObject, readsRaw, writeObject } from './lake.ts';
import type { Permission } from './permission.ts';

/** What the engine may do, from the plan: whole actions, and no prefix that is not the pipeline's own. */

/** The engine on Glue. */
export function engineMay(plan: Plan, arns: Arns): Permission[] {
  return [
    ...stageMay(plan, arns),
    {
      actions: [...readObject, ...writeObject, 's3:DeleteObject'],
      resources: below(arns.bucket('artefacts'), ['temporary/']),
      why: 'intermediate files of Glue, which it names',
    },
    lists(arns.bucket('artefacts'), ['temporary/']),
  ];
}

/** The engine on EMR, with what its nodes write for it. `logs` is a prefix of the artefacts bucket. */
export function emrEngineMay(
  plans: readonly Plan[],
  arns: (plan: Plan) => Arns,
  key: string,
  logs: string,
): Permission[] {
  const of = arns(plans[0]!);
  return [
    ...plans.flatMap((plan) => stageMay(plan, arns(plan))),
    {
      actions: ['s3:PutObject'],
      resources: below(of.bucket('artefacts'), [logs]),
      why: 'logs of clusters and jobs, which name them',
    },
    lists(of.bucket('artefacts'), [logs]),
    { actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'], resources: [key] },
  ];
}

/** What a stage does, wherever it runs. */
function stageMay(plan: Plan, arns: Arns): Permission[] {
  const { pipeline } = plan;
  const lake = arns.bucket('lake');
  return [
    readsRaw(plan, arns),
    listsRaw(plan, arns),
    { actions: [...readObject, ...writeObject], resources: below(lake, [`models/${pipeline}/`]), why: ownObjects },
    // Delta deletes the log entries that are older than it keeps them.
    {
      actions: [...readObject, ...writeObject, 's3:DeleteObject'],
      resources: below(lake, [`lake/${pipeline}/`]),
      why: ownObjects,
    },
    // The order of a run, and what its tasks report.
    { actions: ['s3:GetObject', 's3:PutObject'], resources: below(lake, ['runs/']), why: ownObjects },
    lists(lake, [...lakePrefixes(pipeline), 'runs/']),
  ];
}
