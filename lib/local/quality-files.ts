import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isPromotionOf, type Promotion, type QualityPorts } from '../../lambdas/quality/quality.ts';
import { MillraceError } from '../errors.ts';
import { dossierSchema } from '../plan/model-schema.ts';
import type { Root } from './root.ts';

/** The quality gate's ports on files: dossiers beside the models, promotions a line each. */
export function qualityFiles(root: Root, pipeline: string): QualityPorts {
  const log = (model: string) => path.join(root.model(pipeline, model), 'promotions.jsonl');
  return {
    dossier: async (model, version) => {
      const file = path.join(root.model(pipeline, model), `v${version}`, 'dossier.json');
      const text = await readFile(file, 'utf8').catch(() => '');
      try {
        return dossierSchema.parse(JSON.parse(text));
      } catch {
        const message = 'the dossier of the model is not there, or is not one that this version of Millrace writes';
        throw new MillraceError([{ code: 'MR404', path: file, message, hint: 'delete the folder, and run again' }]);
      }
    },
    live: (model) => livePromotion(root, pipeline, model),
    history: (model) => promotions(root, pipeline, model),
    promote: async (model, promotion) => {
      if ((await promotions(root, pipeline, model)).some((entry) => isPromotionOf(entry, promotion))) return;
      await mkdir(path.dirname(log(model)), { recursive: true });
      await appendFile(log(model), `${JSON.stringify(promotion)}\n`);
    },
    now: () => new Date(),
  };
}

/** The last line of the promotion log: the version that scores. */
export async function livePromotion(root: Root, pipeline: string, model: string): Promise<Promotion | undefined> {
  return (await promotions(root, pipeline, model)).at(-1);
}

async function promotions(root: Root, pipeline: string, model: string): Promise<Promotion[]> {
  const text = await readFile(path.join(root.model(pipeline, model), 'promotions.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Promotion]));
}
