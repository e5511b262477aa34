import { type Permission, passesRole } from '../permissions/permission.ts';
import { folderOf } from '../plan/input-pattern.ts';
import type { IngestTask, Plan } from '../plan/schema.ts';
import type { Arns } from './arns.ts';

/** What each part of a pipeline may do, from its plan: whole actions, and no prefix that is not its own. */

/** Folders of the raw bucket that the pipeline's sources lie in, each ending in `/`, all below the pipeline's own. */
export function sourceFolders(plan: Plan): string[] {
  const folders = plan.tasks.flatMap((task) => (task.kind === 'ingest' ? [sourceFolder(plan, task)] : []));
  return [...new Set(folders)].sort();
}

/** The folder of the raw bucket that a source lies in, ending in `/`. */
export const sourceFolder = (plan: Plan, task: IngestTask): string => `${plan.pipeline}/${folderOf(task.path)}`;

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

export function bookmarksMay(plan: Plan, arns: Arns): Permission[] {
  const lake = arns.bucket('lake');
  const kept = [`bookmarks/${plan.pipeline}/`];
  return [
    items(arns.table('bookmarks'), ['GetItem', 'PutItem']),
    items(arns.table('registry'), ['Query']),
    { actions: ['s3:GetObject', 's3:PutObject'], resources: below(lake, ['runs/']), why: ownObjects },
    { actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], resources: below(lake, kept), why: ownObjects },
    // Which tables there are, and which runs committed to them: never their rows.
    {
      actions: ['s3:GetObject'],
      resources: below(lake, [`lake/${plan.pipeline}/*/_delta_log/`]),
      why: ownObjects,
    },
    // Without it, an object that is not there would be one that may not be read.
    lists(lake, [...lakePrefixes(plan.pipeline), ...kept, 'runs/']),
    listsRaw(plan, arns),
    seesRuns(arns),
  ];
}

export function qualityMay(plan: Plan, arns: Arns): Permission[] {
  const models = [`models/${plan.pipeline}/`];
  return [
    items(arns.table('registry'), ['Query', 'PutItem']),
    { actions: readObject, resources: below(arns.bucket('lake'), models), why: ownObjects },
    // Without it, a review that is not there would be one that may not be read.
    lists(arns.bucket('lake'), models),
    ...publishesPromotions(plan, arns),
  ];
}

export function triggerMay(arns: Arns, arrivalsName: string): Permission[] {
  return [
    ...startsRuns(arns),
    {
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resources: [arns.queue(arrivalsName)],
    },
  ];
}

/** `scheduleRoleArn` is there where a schedule is: to pause one is to write it again, its role with it. */
export function respondMay(plan: Plan, arns: Arns, scheduleRoleArn: string | undefined): Permission[] {
  return [
    ...startsRuns(arns),
    items(arns.table('runs'), ['UpdateItem', 'DeleteItem']),
    items(arns.table('registry'), ['Query', 'PutItem']),
    ...publishesPromotions(plan, arns),
    { actions: ['sns:Publish'], resources: [arns.topic] },
    ...(scheduleRoleArn === undefined
      ? []
      : [
          { actions: ['scheduler:GetSchedule', 'scheduler:UpdateSchedule'], resources: [arns.schedule] },
          passesRole(scheduleRoleArn, 'scheduler.amazonaws.com'),
        ]),
  ];
}

/** The state machine calls functions. */
export const callsFunctions = (arns: Arns, names: readonly string[]): Permission => ({
  actions: ['lambda:InvokeFunction'],
  resources: names.map((name) => arns.function(name)),
});

const ownObjects = 'the objects of its own pipeline, which are named when they are written';

const readObject = ['s3:GetObject'];
const writeObject = ['s3:PutObject', 's3:AbortMultipartUpload'];

const lakePrefixes = (pipeline: string) => [`lake/${pipeline}/`, `models/${pipeline}/`];

const below = (bucket: string, prefixes: readonly string[]) => prefixes.map((prefix) => `${bucket}/${prefix}*`);

function readsRaw(plan: Plan, arns: Arns): Permission {
  const resources = below(arns.bucket('raw'), sourceFolders(plan));
  return { actions: readObject, resources, why: ownObjects };
}

const listsRaw = (plan: Plan, arns: Arns): Permission => lists(arns.bucket('raw'), sourceFolders(plan));

/** The log of promotions, beside a model's versions, where the engine looks for what is live. */
function publishesPromotions(plan: Plan, arns: Arns): Permission[] {
  const logs = plan.tasks.flatMap((task) =>
    task.kind === 'train' ? [`${arns.bucket('lake')}/models/${plan.pipeline}/${task.model}/promotions.jsonl`] : [],
  );
  return logs.length === 0 ? [] : [{ actions: ['s3:PutObject'], resources: logs }];
}

function startsRuns(arns: Arns): Permission[] {
  return [
    items(arns.table('runs'), ['GetItem', 'PutItem']),
    { actions: ['states:StartExecution'], resources: [arns.machine] },
    seesRuns(arns),
  ];
}

function seesRuns(arns: Arns): Permission {
  const why = 'the executions of its own machine, which are named when they start';
  return { actions: ['states:DescribeExecution'], resources: [arns.execution('*')], why };
}

function lists(bucket: string, prefixes: readonly string[]): Permission {
  // A folder is asked for with its slash and without.
  const allowed = prefixes.flatMap((prefix) => [prefix.slice(0, -1), `${prefix}*`]);
  return { actions: ['s3:ListBucket'], resources: [bucket], conditions: { StringLike: { 's3:prefix': allowed } } };
}

const items = (table: string, actions: readonly string[]): Permission => ({
  actions: actions.map((action) => `dynamodb:${action}`),
  resources: [table],
});
