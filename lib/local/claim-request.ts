import path from 'node:path';
import type { ParameterValues } from '../bookmarks/decide.ts';
import type { PeekRequest } from '../bookmarks/peek.ts';
import { workOrder } from '../documents/work-order.ts';
import { MillraceError } from '../errors.ts';
import { readCache } from '../lake/documents.ts';
import { layout } from '../lake/layout.ts';
import { listFolders } from '../lake/objects.ts';
import { folderOf } from '../plan/input-pattern.ts';
import type { Plan } from '../plan/schema.ts';
import { listsFiles } from '../plan/task-kinds.ts';
import { whereElse } from './data-folder.ts';
import { exists } from './folders.ts';
import { projectFolder, type Root } from './root.ts';

/** The claim request of a run on this machine. Throws MR201 if the data folder does not exist. */
export async function peekRequest(
  plan: Plan,
  root: Root,
  options: {
    data?: string | undefined;
    parameters?: ParameterValues;
    force?: readonly string[] | undefined;
    dropMissing?: boolean;
  },
): Promise<PeekRequest> {
  const data = options.data ?? root.data(plan.pipeline);
  if (!(await exists(data))) throw await noData(plan, root, data, options.data !== undefined);
  const parameters = {
    ...options.parameters,
    ...(options.force && { force: options.force }),
    ...(options.dropMissing === true && { drop_missing: 'true' }),
  };
  return { pipeline: plan.pipeline, plan: `${plan.pipeline} as loaded`, data: path.resolve(data), parameters };
}

async function noData(plan: Plan, root: Root, data: string, isGiven: boolean): Promise<MillraceError> {
  const last = await lastData(plan.pipeline, root);
  const asBefore = last === undefined ? undefined : `--data ${last}, as in the last run`;
  if (isGiven) {
    const sources = plan.tasks.filter(listsFiles).map(({ path: pattern }) => folderOf(pattern));
    const hint = await whereElse(path.resolve(data), sources, asBefore);
    return new MillraceError([{ code: 'MR201', path: data, message: 'the data folder does not exist', hint }]);
  }
  const generator = path.join(projectFolder, 'pipelines', plan.pipeline, 'generate.py');
  const made = (await exists(generator)) ? `run \`millrace generate ${plan.pipeline}\`, or ` : '';
  const message = 'no data folder is given, and the default one does not exist';
  const hint = asBefore ?? `${made}set the data folder with --data`;
  return new MillraceError([{ code: 'MR201', path: data, message, hint }]);
}

/** The data folder of the newest run of the pipeline that read files, if it still exists. */
async function lastData(pipeline: string, root: Root): Promise<string | undefined> {
  const runs = (await listFolders(root.objects, layout.runs(pipeline))).sort().reverse();
  for (const run of runs) {
    const order = await readCache(root.objects, layout.order(pipeline, run), workOrder.parse).catch(() => undefined);
    const file = order?.items.flatMap(({ files = [] }) => files)[0];
    if (file === undefined || !file.uri.endsWith(`/${file.path}`)) continue;
    const data = file.uri.slice(0, -file.path.length - 1);
    return (await exists(data)) ? data : undefined;
  }
  return undefined;
}
