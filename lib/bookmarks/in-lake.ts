import { layout, versionFiles } from '../lake/layout.ts';
import { versionsOf } from '../lake/model-versions.ts';
import { listFolders, type Objects, readText } from '../lake/objects.ts';
import type { Plan } from '../plan/schema.ts';
import { modelNames } from '../plan/task-kinds.ts';
import { type KnownModel, knownModel } from './known-models.ts';
import type { BookmarkPorts } from './ports.ts';
import { type Lake, reconciled } from './reconcile.ts';
import { resumeSequence } from './resume-sequence.ts';

/** What the bookmarks learn from the lake. `history`: the promotion log of a model. */
export function inLake(
  objects: Objects,
  history: (model: string) => Promise<readonly { version: number }[]>,
): Pick<BookmarkPorts, 'present' | 'models'> {
  return {
    present: async (plan, state) =>
      resumeSequence(await reconciled(plan, state, lakeOf(plan, objects)), {
        runs: () => listFolders(objects, layout.runs(plan.pipeline)),
        text: (run) => readText(objects, layout.order(plan.pipeline, run)),
      }),
    models: async (plan) => {
      const known = modelNames(plan).map(async (model): Promise<[string, KnownModel]> => {
        const [log, versions] = await Promise.all([history(model), versionsOf(objects, plan.pipeline, model)]);
        return [model, knownModel(log, versions)];
      });
      return new Map(await Promise.all(known));
    },
  };
}

const lakeOf = ({ pipeline }: Plan, objects: Objects): Lake => ({
  log: (layer, table) => {
    const folder = layout.log(pipeline, layer, table);
    return { names: () => objects.list(folder), text: (name) => readText(objects, `${folder}${name}`) };
  },
  // The manifest is written last: a folder without it holds no complete model.
  hasModel: async (model, version) =>
    (await objects.list(layout.version(pipeline, model, version))).includes(versionFiles.manifest),
});
