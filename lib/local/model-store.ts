import type { ModelStore } from '../gate/model-store.ts';
import { damageOf } from '../gate/whole-version.ts';
import { layout } from '../lake/layout.ts';
import { versionsOf } from '../lake/model-versions.ts';
import { listFolders } from '../lake/objects.ts';
import { appendPromotion, promotions, qualityFiles } from './gate-ports.ts';
import type { Root } from './root.ts';

/** The models of a pipeline, stored in files. */
export function modelFiles(root: Root, pipeline: string): ModelStore {
  const { dossier } = qualityFiles(root, pipeline);
  return {
    names: async () => (await listFolders(root.objects, layout.models(pipeline))).filter((name) => /^\w+$/.test(name)),
    history: (model) => promotions(root, pipeline, model),
    versions: (model) => versionsOf(root.objects, pipeline, model),
    dossier,
    damage: (model, version) => damageOf(root.objects, pipeline, model, version),
    append: (model, entry) => appendPromotion(root, pipeline, model, entry),
    rescore: async () => `the next run scores with it: \`millrace run ${pipeline}\``,
  };
}
