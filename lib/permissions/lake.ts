import { folderOf } from '../plan/input-pattern.ts';
import type { IngestTask, Plan } from '../plan/schema.ts';
import type { Arns } from './arns.ts';
import type { Permission } from './permission.ts';

/** Folders of the raw bucket that the pipeline's sources lie in, each ending in `/`, all below the pipeline's own. */
export function sourceFolders(plan: Plan): string[] {
  const folders = plan.tasks.flatMap((task) => (task.kind === 'ingest' ? [sourceFolder(plan, task)] : []));
  return [...new Set(folders)].sort();
}

/** The folder of the raw bucket that a source lies in, ending in `/`. */
export const sourceFolder = (plan: Plan, task: IngestTask): string => `${plan.pipeline}/${folderOf(task.path)}`;

export const ownObjects = 'the objects of its own pipeline, which are named when they are written';

export const readObject = ['s3:GetObject'];
export const writeObject = ['s3:PutObject', 's3:AbortMultipartUpload'];

export const lakePrefixes = (pipeline: string) => [`lake/${pipeline}/`, `models/${pipeline}/`];

export const below = (bucket: string, prefixes: readonly string[]) => prefixes.map((prefix) => `${bucket}/${prefix}*`);

export function readsRaw(plan: Plan, arns: Arns): Permission {
  const resources = below(arns.bucket('raw'), sourceFolders(plan));
  return { actions: readObject, resources, why: ownObjects };
}

export const listsRaw = (plan: Plan, arns: Arns): Permission => lists(arns.bucket('raw'), sourceFolders(plan));

/** The log of promotions, beside a model's versions, where the engine looks for what is live. */
export function publishesPromotions(plan: Plan, arns: Arns): Permission[] {
  const logs = plan.tasks.flatMap((task) =>
    task.kind === 'train' ? [`${arns.bucket('lake')}/models/${plan.pipeline}/${task.model}/promotions.jsonl`] : [],
  );
  return logs.length === 0 ? [] : [{ actions: ['s3:PutObject'], resources: logs }];
}

export function lists(bucket: string, prefixes: readonly string[]): Permission {
  // A folder is asked for with its slash and without.
  const allowed = prefixes.flatMap((prefix) => [prefix.slice(0, -1), `${prefix}*`]);
  return { actions: ['s3:ListBucket'], resources: [bucket], conditions: { StringLike: { 's3:prefix': allowed } } };
}

export const items = (table: string, actions: readonly string[]): Permission => ({
  actions: actions.map((action) => `dynamodb:${action}`),
  resources: [table],
});
