import { inLake } from '../bookmarks/in-lake.ts';
import type { BookmarkPorts, Inputs } from '../bookmarks/ports.ts';
import { type TaskOutcome, taskOutcome } from '../documents/task-outcome.ts';
import { type WorkOrder, workOrder } from '../documents/work-order.ts';
import { MillraceError } from '../errors.ts';
import type { FunctionVariables } from '../functions/variables.ts';
import { type DocumentKind, existingDocument, readDocument } from '../lake/documents.ts';
import { findInputs, judgeInputs, patternOf, type Walk } from '../lake/find-inputs.ts';
import { layout } from '../lake/layout.ts';
import { type Plan, planSchema } from '../plan/schema.ts';
import { listsFiles } from '../plan/task-kinds.ts';
import { bookmarkStore } from './bookmark-store.ts';
import { statusOf } from './executions.ts';
import { registry } from './registry.ts';
import { bucketObjects, listKeys, type Place, placeOf, uriOf } from './s3.ts';

const planDocument: DocumentKind<Plan> = {
  code: 'MR750',
  name: 'the plan of the pipeline',
  hint: 'deploy the pipeline stack again and start the run through the trigger, which passes the deployed plan',
  parse: (json) => planSchema.parse(json),
};
const orderDocument: DocumentKind<WorkOrder> = {
  code: 'MR751',
  name: 'the work order of a run',
  hint: "delete the file and run again; the run's work is repeated and overwrites what it left behind",
  parse: (json) => workOrder.parse(json),
};
const outcomeDocument: DocumentKind<TaskOutcome> = {
  code: 'MR752',
  name: 'the outcome of a task',
  hint: 'delete the file and run again; the task is repeated and overwrites what it left behind',
  parse: (json) => taskOutcome.parse(json),
};

/** An unknown execution counts as just started for this long; clocks may differ by as much. */
const unknownMilliseconds = 15 * 60_000;

/** The bookmarks' ports on DynamoDB, S3 and Step Functions. */
export function bookmarkPorts(
  env: Pick<FunctionVariables, 'PIPELINE' | 'BOOKMARKS_TABLE' | 'REGISTRY_TABLE' | 'LAKE_BUCKET'>,
): BookmarkPorts {
  const lake = bucketObjects(env.LAKE_BUCKET);
  return {
    store: bookmarkStore(env.BOOKMARKS_TABLE, lake),
    plan: async (uri) => {
      const { bucket, key } = placed(uri);
      const plan = await existingDocument(bucketObjects(bucket), key, planDocument);
      if (plan.pipeline !== env.PIPELINE) throw foreign(uri, plan.pipeline, env.PIPELINE);
      return plan;
    },
    inputs: listInputs,
    ...inLake(lake, registry(env.REGISTRY_TABLE, env.PIPELINE).history),
    writeOrder: async (order) => {
      await lake.write(layout.order(order.pipeline, order.run), JSON.stringify(order));
      return lake.location(layout.order(order.pipeline, order.run));
    },
    order: (run) => readDocument(lake, layout.order(env.PIPELINE, run), orderDocument),
    outcomes: async (run) => {
      const folder = layout.outcomes(env.PIPELINE, run);
      const names = (await lake.list(folder)).filter((name) => name.endsWith('.json'));
      return Promise.all(names.map((name) => existingDocument(lake, `${folder}${name}`, outcomeDocument)));
    },
    // The state machine passes its execution as the holder. Just after the start, Step Functions may not know it yet.
    alive: async ({ holder, at }) => {
      const status = await statusOf(holder);
      return status === 'running' || (status === 'none' && Math.abs(Date.now() - Date.parse(at)) < unknownMilliseconds);
    },
    now: () => new Date(),
  };
}

function foreign(uri: string, other: string, pipeline: string): MillraceError {
  const { code, hint } = planDocument;
  return new MillraceError([{ code, path: uri, message: `it is the plan of "${other}", not of "${pipeline}"`, hint }]);
}

/** Throws MR753 for a location outside S3, such as a local folder in a run started by hand. */
function placed(uri: string): Place {
  try {
    return placeOf(uri);
  } catch (error) {
    const hint = 'start the run through the trigger, which passes the locations, or write them as s3://bucket/key';
    throw new MillraceError([{ code: 'MR753', path: uri, message: (error as Error).message, hint }]);
  }
}

/** Issues: MR202 for a source without objects, unless it is optional. Warnings: MR220 for objects that are not read. */
async function listInputs(plan: Plan, data: string): Promise<Inputs> {
  const base = placed(data.endsWith('/') ? data : `${data}/`);
  const sources = plan.tasks.filter(listsFiles);
  const found = await Promise.all(
    sources.map(async (task) => ({ task, ...(await findInputs(patternOf(task), walker(base))) })),
  );
  const { warnings, issues } = judgeInputs(found, (below) => uriOf({ ...base, key: base.key + below }));
  if (issues.length > 0) throw new MillraceError(issues);
  return { files: Object.fromEntries(found.map(({ task, files }) => [task.name, files])), warnings };
}

/** Walks the keys below a place. Keys are data: the prefix is cut off, nothing is decoded or normalised. */
const walker =
  (base: Place): Walk<Inputs['files'][string][number]> =>
  async (below, deep) => {
    const { objects, folders } = await listKeys({ bucket: base.bucket, key: base.key + below }, { deep });
    const path = (key: string) => key.slice(base.key.length);
    return {
      // Consoles represent a folder as an empty object whose key ends in a slash.
      files: objects
        .filter(({ key, size }) => size > 0 || !key.endsWith('/'))
        .map(({ key, ...object }) => ({ path: path(key), uri: uriOf({ bucket: base.bucket, key }), ...object })),
      folders: folders.map(path),
      ignored: [],
    };
  };
