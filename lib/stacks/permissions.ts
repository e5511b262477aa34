import type { Permission } from '../constructs/service-role.ts';
import type { Plan } from '../plan/schema.ts';
import type { Arns } from './arns.ts';

/** What each part of a pipeline may do, from its plan: whole actions, and no prefix that is not its own. */

/** Folders of the raw bucket that the pipeline's sources lie in, each ending in `/`, all below the pipeline's own. */
export function sourceFolders(plan: Plan): string[] {
  const folders = plan.tasks.flatMap((task) =>
    task.kind === 'ingest' ? [`${[plan.pipeline, ...task.path.split('/').slice(0, -1)].join('/')}/`] : [],
  );
  return [...new Set(folders)].sort();
}

export function engineMay(plan: Plan, arns: Arns): Permission[] {
  const { pipeline } = plan;
  const lake = arns.bucket('lake');
  return [
    readsRaw(plan, arns),
    listsRaw(plan, arns),
    { actions: [...readObject, ...writeObject], resources: below(lake, lakePrefixes(pipeline)), why: ownObjects },
    // The order of a run, and what its tasks report.
    { actions: ['s3:GetObject', 's3:PutObject'], resources: below(lake, ['runs/']), why: ownObjects },
    lists(lake, [...lakePrefixes(pipeline), 'runs/']),
    {
      actions: [...readObject, ...writeObject],
      resources: below(arns.bucket('artefacts'), ['temporary/']),
      why: 'intermediate files of Glue, which it names',
    },
    lists(arns.bucket('artefacts'), ['temporary/']),
  ];
}

export function bookmarksMay(plan: Plan, arns: Arns): Permission[] {
  const lake = arns.bucket('lake');
  const kept = [`ledger/${plan.pipeline}/`];
  return [
    items(arns.table('ledger'), ['GetItem', 'PutItem']),
    items(arns.table('registry'), ['Query']),
    { actions: ['s3:GetObject', 's3:PutObject'], resources: below(lake, ['runs/']), why: ownObjects },
    { actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], resources: below(lake, kept), why: ownObjects },
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
    publishesPromotions(plan, arns),
    lists(arns.bucket('lake'), models),
  ];
}

export function triggerMay(arns: Arns, arrivalsName: string): Permission[] {
  return [
    ...startsRuns(arns),
    {
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      resources: [arns.queue(arrivalsName)],
    },
  ];
}

/** `scheduleRoleArn` is there where a schedule is: to pause one is to write it again, its role with it. */
export function respondMay(plan: Plan, arns: Arns, scheduleRoleArn: string | undefined): Permission[] {
  return [
    ...startsRuns(arns),
    items(arns.table('runs'), ['UpdateItem', 'DeleteItem', 'Query']),
    items(arns.table('registry'), ['Query', 'PutItem']),
    publishesPromotions(plan, arns),
    { actions: ['sns:Publish'], resources: [arns.topic] },
    ...(scheduleRoleArn === undefined
      ? []
      : [
          { actions: ['scheduler:GetSchedule', 'scheduler:UpdateSchedule'], resources: [arns.schedule] },
          {
            actions: ['iam:PassRole'],
            resources: [scheduleRoleArn],
            conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
          },
        ]),
  ];
}

export function machineMay(arns: Arns, functions: readonly string[]): Permission[] {
  return [
    {
      actions: ['glue:StartJobRun', 'glue:GetJobRun', 'glue:GetJobRuns', 'glue:BatchStopJobRun'],
      resources: [arns.job],
    },
    { actions: ['lambda:InvokeFunction'], resources: functions.map((name) => arns.function(name)) },
  ];
}

const ownObjects = 'the objects of its own pipeline, which are named when they are written';

const readObject = ['s3:GetObject'];
const writeObject = ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'];

const lakePrefixes = (pipeline: string) => [`lake/${pipeline}/`, `models/${pipeline}/`];

const below = (bucket: string, prefixes: readonly string[]) => prefixes.map((prefix) => `${bucket}/${prefix}*`);

function readsRaw(plan: Plan, arns: Arns): Permission {
  const resources = below(arns.bucket('raw'), sourceFolders(plan));
  return { actions: [...readObject, 's3:GetObjectVersion'], resources, why: ownObjects };
}

const listsRaw = (plan: Plan, arns: Arns): Permission => lists(arns.bucket('raw'), sourceFolders(plan));

/** The log of promotions, beside a model's versions, where the engine looks for what is live. */
function publishesPromotions(plan: Plan, arns: Arns): Permission {
  const logs = plan.tasks.flatMap((task) =>
    task.kind === 'train' ? [`${arns.bucket('lake')}/models/${plan.pipeline}/${task.model}/promotions.jsonl`] : [],
  );
  return { actions: ['s3:PutObject'], resources: logs };
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
