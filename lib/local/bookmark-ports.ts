import { access, readdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { type KnownModel, knownModel, versionOf } from '../bookmarks/known-models.ts';
import type { BookmarkPorts } from '../bookmarks/ports.ts';
import { type Lake, reconciled } from '../bookmarks/reconcile.ts';
import { resumeSequence } from '../bookmarks/resume-sequence.ts';
import { taskOutcome } from '../documents/task-outcome.ts';
import { workOrder } from '../documents/work-order.ts';
import { MillraceError } from '../errors.ts';
import { canonicalJson } from '../plan/canonical-json.ts';
import type { Plan } from '../plan/schema.ts';
import { modelNames } from '../plan/task-kinds.ts';
import { fileBookmarks } from './bookmark-store.ts';
import { readCache, writeWhole } from './documents.ts';
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
async function hold(root: Root, run: string): Promise<void> {
  if (working.has(run)) return;
  const lock = await tryToLock(root.held(run));
  if (lock !== undefined) working.set(run, lock);
}

/** The bookmarks' ports on files below a root. They always return `plan`; its URI is ignored. */
export function bookmarkFiles(root: Root, plan: Plan): BookmarkPorts {
  // An unreadable work order counts as missing: its tasks stay in doubt, and the next run does them again.
  const order = (run: string) => readCache(root.order(run), workOrder.parse);
  return {
    store: fileBookmarks(root),
    plan: async () => plan,
    inputs: async (_, data) => {
      // If the cache cannot be written, hashes are not cached.
      await makeFolder(root.cache()).catch(() => undefined);
      const { listing, warnings, issues } = await listInputs(
        plan,
        path.resolve(data),
        path.join(root.cache(), 'hashes.json'),
      );
      if (issues.length > 0) throw new MillraceError(issues);
      return { files: listing, warnings };
    },
    present: async (_, kept) =>
      resumeSequence(await reconciled(plan, kept, lakeOf(plan, root)), {
        runs: () => readdir(root.runs()).catch(() => []),
        text: async (run) => JSON.stringify(await order(run)),
      }),
    models: () => knownModels(plan, root),
    writeOrder: (order) =>
      onDisk(async () => {
        const file = root.order(order.run);
        await makeFolder(path.dirname(file));
        await hold(root, order.run);
        await writeWhole(file, canonicalJson(order, 1));
        return file;
      }),
    order,
    outcomes: async (run) => {
      const folder = root.outcomes(run);
      const names = await readdir(folder).catch(() => [] as string[]);
      const read = names
        .filter((name) => name.endsWith('.json'))
        .map((name) => readCache(path.join(folder, name), taskOutcome.parse));
      // An unreadable outcome counts as missing: its task stays in doubt.
      return (await Promise.all(read)).filter((outcome) => outcome !== undefined);
    },
    alive: ({ run }) => isLocked(root.held(run)),
    now: () => new Date(),
  };
}

/** The lake below a root. */
const lakeOf = (plan: Plan, root: Root): Lake => ({
  log: (layer, table) => {
    const folder = root.log(plan.pipeline, layer, table);
    return {
      names: () => readdir(folder).catch(() => []),
      text: (name) => readFile(path.join(folder, name), 'utf8').catch(() => undefined),
    };
  },
  // The manifest is written last: a folder without it holds no complete model.
  hasModel: (model, version) => exists(root.versionFile(plan.pipeline, model, version, 'manifest')),
});

async function knownModels(plan: Plan, root: Root): Promise<Map<string, KnownModel>> {
  const models = modelNames(plan);
  const known = models.map(async (model): Promise<[string, KnownModel]> => {
    const folders = await readdir(root.model(plan.pipeline, model)).catch(() => []);
    return [model, knownModel(await promotions(root, plan.pipeline, model), folders.flatMap(versionOf))];
  });
  return new Map(await Promise.all(known));
}

export const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
