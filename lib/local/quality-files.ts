import path from 'node:path';
import * as z from 'zod';
import { isPromotionOf, type Promotion, type QualityPorts } from '../../lambdas/quality/quality.ts';
import { MillraceError } from '../errors.ts';
import { type Dossier, dossierSchema } from '../plan/model-schema.ts';
import { appendToLog, type Kind, readDocument, readLog } from './documents.ts';
import { makeFolder } from './folders.ts';
import type { Root } from './root.ts';

const dossierDocument: Kind<Dossier> = {
  code: 'MR404',
  name: 'the dossier of the model',
  hint: 'delete the folder, and run again',
  parse: (json) => dossierSchema.parse(json),
};

/** A line of the log: what is read of it; a line may hold more. */
const promotionLine = z.looseObject({ version: z.int().nonnegative(), run: z.string(), at: z.string() });

const promotionLog: Kind<Promotion> = {
  code: 'MR532',
  name: 'the log of promotions',
  hint: 'restore the line, or delete it: the line before then says what is live',
  parse: (json) => promotionLine.parse(json) as unknown as Promotion,
};

/** The quality gate's ports on files: dossiers beside the models, promotions a line each. */
export function qualityFiles(root: Root, pipeline: string): QualityPorts {
  const log = (model: string) => path.join(root.model(pipeline, model), 'promotions.jsonl');
  return {
    dossier: async (model, version) => {
      const file = path.join(root.model(pipeline, model), `v${version}`, 'dossier.json');
      const dossier = await readDocument(file, dossierDocument);
      if (dossier !== undefined) return dossier;
      const message = 'the dossier of the model is not there';
      throw new MillraceError([{ code: 'MR404', path: file, message, hint: dossierDocument.hint }]);
    },
    live: (model) => livePromotion(root, pipeline, model),
    history: (model) => promotions(root, pipeline, model),
    promote: async (model, promotion) => {
      if ((await promotions(root, pipeline, model)).some((entry) => isPromotionOf(entry, promotion))) return;
      await makeFolder(path.dirname(log(model)));
      await appendToLog(log(model), promotion, promotionLog);
    },
    now: () => new Date(),
  };
}

/** The last line of the promotion log: the version that scores. */
export async function livePromotion(root: Root, pipeline: string, model: string): Promise<Promotion | undefined> {
  return (await promotions(root, pipeline, model)).at(-1);
}

async function promotions(root: Root, pipeline: string, model: string): Promise<Promotion[]> {
  return (await readLog(path.join(root.model(pipeline, model), 'promotions.jsonl'), promotionLog)).entries;
}
