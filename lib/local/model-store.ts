import { readdir } from 'node:fs/promises';
import { versionOf } from '../bookmarks/known-models.ts';
import type { ModelStore } from '../gate/model-store.ts';
import { appendPromotion, promotions, qualityFiles } from './gate-ports.ts';
import type { Root } from './root.ts';

/** The models of a pipeline, stored in files. */
export function modelFiles(root: Root, pipeline: string): ModelStore {
  const { dossier } = qualityFiles(root, pipeline);
  const below = (folder: string) => readdir(folder).catch(() => [] as string[]);
  return {
    names: async () => (await below(root.models(pipeline))).filter((name) => /^\w+$/.test(name)).sort(),
    history: (model) => promotions(root, pipeline, model),
    versions: async (model) => (await below(root.model(pipeline, model))).flatMap(versionOf).sort((a, b) => a - b),
    dossier,
    append: (model, entry) => appendPromotion(root, pipeline, model, entry),
    rescore: async () => `the next run scores with it: \`millrace run ${pipeline}\``,
  };
}
