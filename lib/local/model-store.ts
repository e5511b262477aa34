import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ModelStore } from '../../lambdas/respond/model-store.ts';
import { versionOf } from '../plan/known-models.ts';
import { appendPromotion, promotions, qualityFiles } from './quality-files.ts';
import type { Root } from './root.ts';

/** The models of a pipeline on files. */
export function modelFiles(root: Root, pipeline: string): ModelStore {
  const { dossier } = qualityFiles(root, pipeline);
  const below = (folder: string) => readdir(folder).catch(() => [] as string[]);
  return {
    names: async () =>
      (await below(path.dirname(root.model(pipeline, 'm')))).filter((name) => /^\w+$/.test(name)).sort(),
    history: (model) => promotions(root, pipeline, model),
    versions: async (model) => (await below(root.model(pipeline, model))).flatMap(versionOf).sort((a, b) => a - b),
    dossier,
    append: (model, entry) => appendPromotion(root, pipeline, model, entry),
    rescore: async () => `the next run scores with it: \`millrace run ${pipeline}\``,
  };
}
