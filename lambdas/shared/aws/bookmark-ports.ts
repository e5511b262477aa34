import { type Issue, MillraceError } from '../../../lib/errors.ts';
import type { Listing } from '../../../lib/plan/diff.ts';
import { taskOutcome } from '../../../lib/plan/outcome.ts';
import { type IngestTask, type Plan, planSchema } from '../../../lib/plan/schema.ts';
import type { PipelineState } from '../../../lib/plan/state.ts';
import { workOrder } from '../../../lib/plan/work-order.ts';
import type { BookmarkPorts } from '../../bookmarks/ports.ts';
import type { Environment } from './environment.ts';
import { statusOf } from './executions.ts';
import { ledgerStore } from './ledger-store.ts';
import { getJson, listObjects, type Place, placeOf, putObject, uriOf } from './objects.ts';
import { registry } from './registry.ts';

export const bookmarkVariables = [
  'PIPELINE',
  'ENVIRONMENT',
  'LEDGER_TABLE',
  'REGISTRY_TABLE',
  'LAKE_BUCKET',
  'METRIC_NAMESPACE',
] as const satisfies readonly (keyof Environment)[];

/** So long an execution that is not known counts as one that has just begun. */
const unknownMilliseconds = 15 * 60_000;

/** The ledger's ports on DynamoDB, S3 and Step Functions. Keys below the lake bucket are as `lib/local/root.ts` has them. */
export function bookmarkPorts(
  env: Omit<Pick<Environment, (typeof bookmarkVariables)[number]>, 'METRIC_NAMESPACE'>,
): BookmarkPorts {
  const lake = (key: string): Place => ({ bucket: env.LAKE_BUCKET, key });
  const orderOf = (run: string) => lake(`runs/${run}/work.json`);
  return {
    store: ledgerStore(env.LEDGER_TABLE, env.LAKE_BUCKET),
    plan: async (uri) => planSchema.parse(await getJson(placeOf(uri))),
    inputs: listInputs,
    present: (plan, state) => withoutLostTables(plan, state, lake),
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
    order: async (run) => {
      const document = await getJson(orderOf(run));
      return document === undefined ? undefined : workOrder.parse(document);
    },
    outcomes: async (run) => {
      const listed = await listObjects(lake(`runs/${run}/tasks/`));
      const files = listed.filter(({ key }) => key.endsWith('.json'));
      return Promise.all(files.map(async ({ key }) => taskOutcome.parse(await getJson(lake(key)))));
    },
    // The state machine names its execution as the holder. Step Functions may not know it yet just after its start.
    alive: async ({ holder, at }) => {
      const status = await statusOf(holder);
      return status === 'running' || (status === 'none' && Date.now() - Date.parse(at) < unknownMilliseconds);
    },
    now: () => new Date(),
  };
}

/** Issues: MR202 for a source without objects, unless it is optional. */
async function listInputs(plan: Plan, data: string): Promise<Listing> {
  const base = placeOf(data.endsWith('/') ? data : `${data}/`);
  const sources = plan.tasks.filter((task): task is IngestTask => task.kind === 'ingest');
  const issues: Issue[] = [];
  const listed = await Promise.all(
    sources.map(async (task) => {
      const [below, ending] = split(task.path);
      const objects = await listObjects({ bucket: base.bucket, key: base.key + below });
      const files = objects.flatMap(({ key, etag, size }) => {
        const name = key.slice(base.key.length + below.length);
        // Hidden objects and those a writer is not done with are nobody's input.
        if (!name.endsWith(ending) || /^[._]/.test(name)) return [];
        return [{ path: below + name, uri: uriOf({ bucket: base.bucket, key }), etag, size }];
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
      const layer = task.kind === 'train' ? undefined : task.kind === 'predict' ? 'gold' : task.layer;
      const prefix =
        task.kind === 'train'
          ? `models/${plan.pipeline}/${task.model}/v${known.version}/`
          : `lake/${plan.pipeline}/${layer}/${task.name}/_delta_log/`;
      return (await listObjects(lake(prefix), 1)).length === 0 ? [task.name] : [];
    }),
  );
  for (const name of lost.flat()) delete tasks[name];
  return { ...state, tasks };
}
