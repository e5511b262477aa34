import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { countedOn } from '../../lambdas/bookmarks/counted-on.ts';
import type { BookmarkPorts } from '../../lambdas/bookmarks/ports.ts';
import { MillraceError } from '../errors.ts';
import { canonicalJson } from '../plan/canonical-json.ts';
import { taskOutcome } from '../plan/outcome.ts';
import { type Plan, tableLayer } from '../plan/schema.ts';
import type { PipelineState } from '../plan/state.ts';
import { workOrder } from '../plan/work-order.ts';
import { listInputs } from './inputs.ts';
import { livePromotion } from './quality-files.ts';
import type { Root } from './root.ts';
import { fileLedger, isAlive } from './state-file.ts';

/** How a process of this machine is named as the holder of a claim. */
const processName = /^process (\d+)$/;
export const thisProcess = () => `process ${process.pid}`;

/** The runs that this very process works on: that it is alive says nothing of one that it has ended. */
const working = new Set<string>();

/** Runs an action as the holder of a run's claim. */
export async function holding<T>(run: string, action: () => Promise<T>): Promise<T> {
  working.add(run);
  try {
    return await action();
  } finally {
    working.delete(run);
  }
}

/** The ledger's ports on files below a root. `plan` is the only plan there is: its URI is not looked at. */
export function bookmarkFiles(root: Root, plan: Plan): BookmarkPorts {
  const orderText = (run: string) => readFile(root.order(run), 'utf8').catch(() => undefined);
  return {
    store: fileLedger(root),
    plan: async () => plan,
    inputs: async (_, data) => {
      await mkdir(root.cache(), { recursive: true });
      const cacheFile = path.join(root.cache(), 'hashes.json');
      const { listing, warnings, issues } = await listInputs(plan, path.resolve(data), cacheFile);
      if (issues.length > 0) throw new MillraceError(issues);
      return { files: listing, warnings };
    },
    present: async (_, kept) =>
      countedOn(await withoutLostTables(kept, plan, root), {
        runs: () => readdir(root.runs()).catch(() => []),
        text: orderText,
      }),
    liveModels: () => liveModels(plan, root),
    writeOrder: async (order) => {
      const file = root.order(order.run);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, canonicalJson(order, 1));
      return file;
    },
    order: async (run) => {
      const text = await orderText(run);
      return text === undefined ? undefined : workOrder.parse(JSON.parse(text));
    },
    outcomes: async (run) => {
      const folder = path.join(root.run(run), 'tasks');
      const names = await readdir(folder).catch(() => [] as string[]);
      const texts = names
        .filter((name) => name.endsWith('.json'))
        .map((name) => readFile(path.join(folder, name), 'utf8'));
      return (await Promise.all(texts)).map((text) => taskOutcome.parse(JSON.parse(text)));
    },
    alive: async ({ run, holder }) => {
      const pid = Number(processName.exec(holder)?.[1] ?? 0);
      return pid === process.pid ? working.has(run) : isAlive(pid);
    },
    now: () => new Date(),
  };
}

/** A table that was deleted by hand was never built, whatever the state says. */
async function withoutLostTables(state: PipelineState, plan: Plan, root: Root): Promise<PipelineState> {
  const tasks = { ...state.tasks };
  for (const task of plan.tasks) {
    const layer = tableLayer(task);
    const place =
      layer === undefined
        ? // Written last: a folder without it holds no model.
          path.join(
            root.model(plan.pipeline, task.kind === 'train' ? task.model : ''),
            `v${tasks[task.name]?.version}`,
            'manifest.json',
          )
        : path.join(root.table(plan.pipeline, layer, task.name), '_delta_log');
    if (!(await exists(place))) delete tasks[task.name];
  }
  return { ...state, tasks };
}

async function liveModels(plan: Plan, root: Root): Promise<Set<string>> {
  const live = new Set<string>();
  for (const task of plan.tasks) {
    if (task.kind === 'train' && (await livePromotion(root, plan.pipeline, task.model))) live.add(task.model);
  }
  return live;
}

export const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
