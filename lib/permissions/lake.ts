import { layout } from '../lake/layout.ts';
import { keysOf } from '../lake/partition-keys.ts';
import { folderOf } from '../plan/input-pattern.ts';
import type { IngestTask, Plan } from '../plan/schema.ts';
import { listsFiles, modelNames } from '../plan/task-kinds.ts';
import type { Arns } from './arns.ts';
import type { Permission } from './permission.ts';

/** The folders of the pipeline's sources in the raw bucket, each ending in `/`, all below the pipeline's folder. */
export function sourceFolders(plan: Plan): string[] {
  const folders = plan.tasks.filter(listsFiles).map((task) => sourceFolder(plan, task));
  return [...new Set(folders)].sort();
}

/** The folder of a source in the raw bucket, ending in `/`. */
export const sourceFolder = (plan: Plan, task: IngestTask): string => `${plan.pipeline}/${folderOf(task.path)}`;

export const ownObjects = 'objects of its pipeline, which get their names when they are written';

export const readObject = ['s3:GetObject'];
export const writeObject = ['s3:PutObject', 's3:AbortMultipartUpload'];

export const lakePrefixes = (pipeline: string) => [layout.tables(pipeline), layout.models(pipeline)];

export const below = (bucket: string, prefixes: readonly string[]) => prefixes.map((prefix) => `${bucket}/${prefix}*`);

export function readsRaw(plan: Plan, arns: Arns): Permission {
  const resources = below(arns.bucket('raw'), sourceFolders(plan));
  return { actions: readObject, resources, why: ownObjects };
}

export const listsRaw = (plan: Plan, arns: Arns): Permission => lists(arns.bucket('raw'), sourceFolders(plan));

/** Writes the promotion log beside a model's versions, where the engine reads which version is live. */
export function publishesPromotions(plan: Plan, arns: Arns): Permission[] {
  const logs = modelNames(plan).map((model) => `${arns.bucket('lake')}/${layout.promotions(plan.pipeline, model)}`);
  return logs.length === 0 ? [] : [{ actions: ['s3:PutObject'], resources: logs }];
}

export function lists(bucket: string, prefixes: readonly string[]): Permission {
  // Clients list a folder with and without the trailing slash.
  const allowed = prefixes.flatMap((prefix) => [prefix.slice(0, -1), `${prefix}*`]);
  return { actions: ['s3:ListBucket'], resources: [bucket], conditions: { StringLike: { 's3:prefix': allowed } } };
}

/** Permission for the pipeline's items of a table. Each of these actions names a partition key. */
export const items = (
  { pipeline }: Plan,
  arns: Arns,
  table: keyof typeof keysOf,
  actions: readonly ('GetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'Query')[],
): Permission => ({
  actions: actions.map((action) => `dynamodb:${action}`),
  resources: [arns.table(table)],
  conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keysOf[table](pipeline) } },
});
