import { type Issue, MillraceError } from '../../../lib/errors.ts';
import { type TaskOutcome, taskOutcome } from '../../../lib/plan/outcome.ts';
import { type IngestTask, type Plan, planSchema, tableLayer } from '../../../lib/plan/schema.ts';
import type { PipelineState } from '../../../lib/plan/state.ts';
import { type WorkOrder, workOrder } from '../../../lib/plan/work-order.ts';
import { countedOn } from '../../bookmarks/counted-on.ts';
import type { BookmarkPorts, Inputs } from '../../bookmarks/ports.ts';
import { document, existing, type Kind } from './documents.ts';
import type { Environment } from './environment.ts';
import { statusOf } from './executions.ts';
import { ledgerStore } from './ledger-store.ts';
import { getText, listFolders, listObjects, type Place, placeOf, putObject, uriOf } from './objects.ts';
import { registry } from './registry.ts';

export const bookmarkVariables = [
  'PIPELINE',
  'ENVIRONMENT',
  'LEDGER_TABLE',
  'REGISTRY_TABLE',
  'LAKE_BUCKET',
  'METRIC_NAMESPACE',
] as const satisfies readonly (keyof Environment)[];

const planDocument: Kind<Plan> = {
  code: 'MR750',
  name: 'the plan of the pipeline',
  hint: 'deploy the pipeline stack again, and start the run by its trigger: it names the plan that was deployed',
  parse: (json) => planSchema.parse(json),
};
const orderDocument: Kind<WorkOrder> = {
  code: 'MR751',
  name: 'the work order of a run',
  hint: 'delete it, and run again: what that run was to do is done again, and replaces what it left',
  parse: (json) => workOrder.parse(json),
};
const outcomeDocument: Kind<TaskOutcome> = {
  code: 'MR752',
  name: 'what a task reported',
  hint: 'delete it, and run again: the task is done again, and replaces what it left',
  parse: (json) => taskOutcome.parse(json),
};

/** So long an execution that is not known counts as one that has just begun, by a clock that may be as much ahead or behind. */
const unknownMilliseconds = 15 * 60_000;

/** The ledger's ports on DynamoDB, S3 and Step Functions. Keys below the lake bucket are as `lib/local/root.ts` has them. */
export function bookmarkPorts(
  env: Omit<Pick<Environment, (typeof bookmarkVariables)[number]>, 'METRIC_NAMESPACE'>,
): BookmarkPorts {
  const lake = (key: string): Place => ({ bucket: env.LAKE_BUCKET, key });
  const orderOf = (run: string) => lake(`runs/${run}/work.json`);
  return {
    store: ledgerStore(env.LEDGER_TABLE, env.LAKE_BUCKET),
    plan: async (uri) => {
      const plan = await existing(placed(uri), planDocument);
      if (plan.pipeline !== env.PIPELINE) throw foreign(uri, plan.pipeline, env.PIPELINE);
      return plan;
    },
    inputs: listInputs,
    present: async (plan, kept) =>
      countedOn(await withoutLostTables(plan, kept, lake), {
        runs: async () => (await listFolders(lake('runs/'))).map((key) => key.slice('runs/'.length, -1)),
        text: (run) => getText(orderOf(run)),
      }),
    liveModels: async (plan) => {
      const { live } = registry(env.REGISTRY_TABLE, env.PIPELINE);
      const models = plan.tasks.flatMap((task) => (task.kind === 'train' ? [task.model] : []));
      const found = await Promise.all(models.map(async (model) => ((await live(model)) ? [model] : [])));
      return new Set(found.flat());
    },
    writeOrder: async (order) => {
      await putObject(orderOf(order.run), JSON.stringify(order));
      return uriOf(orderOf(order.run));
    },
    order: (run) => document(orderOf(run), orderDocument),
    outcomes: async (run) => {
      const listed = await listObjects(lake(`runs/${run}/tasks/`));
      const files = listed.filter(({ key }) => key.endsWith('.json'));
      return Promise.all(files.map(({ key }) => existing(lake(key), outcomeDocument)));
    },
    // The state machine names its execution as the holder. Step Functions may not know it yet just after its start.
    alive: async ({ holder, at }) => {
      const status = await statusOf(holder);
      return status === 'running' || (status === 'none' && Math.abs(Date.now() - Date.parse(at)) < unknownMilliseconds);
    },
    now: () => new Date(),
  };
}

function foreign(uri: string, of: string, pipeline: string): MillraceError {
  const { code, hint } = planDocument;
  return new MillraceError([{ code, path: uri, message: `it is the plan of "${of}", not of "${pipeline}"`, hint }]);
}

/** Throws MR753 for what is no place in S3: a run that was started by hand, with a folder of somebody's machine. */
function placed(uri: string): Place {
  try {
    return placeOf(uri);
  } catch (error) {
    const hint = 'start the run by its trigger, which knows the places, or name them as s3://bucket/key';
    throw new MillraceError([{ code: 'MR753', path: uri, message: (error as Error).message, hint }]);
  }
}

/** Issues: MR202 for a source without objects, unless it is optional. */
async function listInputs(plan: Plan, data: string): Promise<Inputs> {
  const base = placed(data.endsWith('/') ? data : `${data}/`);
  const sources = plan.tasks.filter((task): task is IngestTask => task.kind === 'ingest');
  const issues: Issue[] = [];
  const listed = await Promise.all(
    sources.map(async (task) => {
      const [below, ending] = split(task.path);
      const objects = await listObjects({ bucket: base.bucket, key: base.key + below });
      const files = objects.flatMap(({ key, etag, size, writtenAt }) => {
        const name = key.slice(base.key.length + below.length);
        // Hidden objects and those a writer is not done with are nobody's input.
        if (!name.endsWith(ending) || /^[._]/.test(name)) return [];
        const uri = uriOf({ bucket: base.bucket, key });
        return [{ path: below + name, uri, etag, size, ...(writtenAt !== undefined && { writtenAt }) }];
      });
      if (files.length === 0 && !task.optional) {
        const message = `source "${task.name}" has no object like ${task.path}`;
        const hint = `put files to ${uriOf({ ...base, key: base.key + below })}`;
        issues.push({ code: 'MR202', path: uriOf({ ...base, key: base.key + below }), message, hint });
      }
      return [task.name, files] as const;
    }),
  );
  if (issues.length > 0) throw new MillraceError(issues);
  return Object.fromEntries(listed);
}

/** `customers/*.csv`, to the prefix `customers/` and the ending `.csv`. */
function split(pattern: string): [below: string, ending: string] {
  const at = pattern.lastIndexOf('/') + 1;
  return [pattern.slice(0, at), pattern.slice(at + 1)];
}

async function withoutLostTables(
  plan: Plan,
  state: PipelineState,
  lake: (key: string) => Place,
): Promise<PipelineState> {
  const tasks = { ...state.tasks };
  const lost = await Promise.all(
    plan.tasks.map(async (task) => {
      const known = tasks[task.name];
      if (known === undefined) return [];
      const layer = tableLayer(task);
      const prefix =
        task.kind === 'train'
          ? // Written last: a folder without it holds no model.
            `models/${plan.pipeline}/${task.model}/v${known.version}/manifest.json`
          : `lake/${plan.pipeline}/${layer}/${task.name}/_delta_log/`;
      return (await listObjects(lake(prefix), 1)).length === 0 ? [task.name] : [];
    }),
  );
  for (const name of lost.flat()) delete tasks[name];
  return { ...state, tasks };
}
