import { hostname } from 'node:os';
import path from 'node:path';
import { inLake } from '../bookmarks/in-lake.ts';
import type { BookmarkPorts } from '../bookmarks/ports.ts';
import { taskOutcome } from '../documents/task-outcome.ts';
import { workOrder } from '../documents/work-order.ts';
import { MillraceError } from '../errors.ts';
import { readCache } from '../lake/documents.ts';
import { layout } from '../lake/layout.ts';
import { canonicalJson } from '../plan/canonical-json.ts';
import type { Plan } from '../plan/schema.ts';
import { fileBookmarks } from './bookmark-store.ts';
import { isLocked, type Lock, tryToLock } from './file-lock.ts';
import { makeFolder } from './folders.ts';
import { promotions } from './gate-ports.ts';
import { listInputs } from './inputs.ts';
import type { Root } from './root.ts';
import { onDisk } from './system-faults.ts';

/** The name of this process as the holder of a claim. Only for people: the lock of its run shows whether it is alive. */
export const thisProcess = () => `process ${process.pid} on ${hostname()}`;

/** Locks of the runs that this process works on. */
const working = new Map<string, Lock>();

/** Runs an action that may claim the pipeline for a run, and releases the run's lock afterwards. */
export async function holding<T>(run: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } finally {
    await working.get(run)?.release();
    working.delete(run);
  }
}

/** Marks a run as in progress, before its claim is saved, with a lock that the system releases when this process ends. */
async function hold(root: Root, pipeline: string, run: string): Promise<void> {
  if (working.has(run)) return;
  const lock = await tryToLock(root.held(pipeline, run));
  if (lock !== undefined) working.set(run, lock);
}

/** The bookmarks' ports on files below a root. They always return `plan`; its URI is ignored. */
export function bookmarkFiles(root: Root, plan: Plan): BookmarkPorts {
  // An unreadable work order counts as missing: its tasks stay in doubt, and the next run does them again.
  const order = (run: string) => readCache(root.objects, layout.order(plan.pipeline, run), workOrder.parse);
  return {
    store: fileBookmarks(root),
    plan: async () => plan,
    inputs: async (_, data) => {
      const { listing, warnings, issues } = await listInputs(plan, path.resolve(data), root.objects);
      if (issues.length > 0) throw new MillraceError(issues);
      return { files: listing, warnings };
    },
    ...inLake(root.objects, (model) => promotions(root, plan.pipeline, model)),
    writeOrder: (order) =>
      onDisk(async () => {
        const file = root.order(order.pipeline, order.run);
        await makeFolder(path.dirname(file));
        await hold(root, order.pipeline, order.run);
        await root.objects.write(layout.order(order.pipeline, order.run), canonicalJson(order, 1));
        return file;
      }),
    order,
    outcomes: async (run) => {
      const folder = layout.outcomes(plan.pipeline, run);
      const names = (await root.objects.list(folder)).filter((name) => name.endsWith('.json'));
      const read = names.map((name) => readCache(root.objects, `${folder}${name}`, taskOutcome.parse));
      // An unreadable outcome counts as missing: its task stays in doubt.
      return (await Promise.all(read)).filter((outcome) => outcome !== undefined);
    },
    alive: ({ run }) => isLocked(root.held(plan.pipeline, run)),
    now: () => new Date(),
  };
}
