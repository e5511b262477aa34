import path from 'node:path';
import * as z from 'zod';
import { type Dossier, dossierSchema, type Review, reviewSchema } from '../documents/model.ts';
import { type Issue, MillraceError } from '../errors.ts';
import { isPromotionOf } from '../gate/gate.ts';
import type { Promotion, QualityPorts } from '../gate/ports.ts';
import { judgedIn } from '../gate/promotions.ts';
import { appendToLog, type Kind, readDocument, readLog } from './documents.ts';
import { makeFolder } from './folders.ts';
import type { Root } from './root.ts';

const dossierDocument: Kind<Dossier> = {
  code: 'MR404',
  name: 'the dossier of the model',
  hint: 'delete the folder and run again',
  parse: (json) => dossierSchema.parse(json),
};

/** The fields of a log line that are read here; a line may have more. */
const promotionLine = z.looseObject({ version: z.int().nonnegative(), run: z.string(), at: z.string() });

const promotionLog: Kind<Promotion> = {
  code: 'MR532',
  name: 'the promotion log',
  hint: 'restore the line, or delete it: the line before it then defines the live version',
  parse: (json) => {
    const line = promotionLine.parse(json);
    return { ...line, ...judgedIn(line) } as unknown as Promotion;
  },
};

const reviewDocument: Kind<Review> = {
  code: 'MR404',
  name: 'the review of the training data',
  hint: 'delete the file and run again',
  parse: (json) => reviewSchema.parse(json),
};

/** The quality gate's ports on files: dossiers and reviews beside the models, one line per promotion. */
export function qualityFiles(root: Root, pipeline: string): QualityPorts {
  return {
    dossier: async (model, version) => {
      const file = root.versionFile(pipeline, model, version, 'dossier');
      const dossier = await readDocument(file, dossierDocument);
      if (dossier !== undefined) return dossier;
      const message = 'the dossier of the model is missing';
      throw new MillraceError([{ code: 'MR404', path: file, message, hint: dossierDocument.hint }]);
    },
    review: (model, run) => readDocument(root.review(pipeline, model, run), reviewDocument),
    live: (model) => livePromotion(root, pipeline, model),
    history: (model) => promotions(root, pipeline, model),
    promote: async (model, promotion) => {
      const log = await promotions(root, pipeline, model);
      if (!log.some((entry) => isPromotionOf(entry, promotion)))
        await appendPromotion(root, pipeline, model, promotion);
    },
    now: () => new Date(),
  };
}

/** Appends to the log. */
export async function appendPromotion(root: Root, pipeline: string, model: string, entry: Promotion): Promise<void> {
  const file = root.promotions(pipeline, model);
  await makeFolder(path.dirname(file));
  await appendToLog(file, entry, promotionLog);
}

/** The last line of the promotion log: the version that scores. */
export async function livePromotion(root: Root, pipeline: string, model: string): Promise<Promotion | undefined> {
  return (await promotions(root, pipeline, model)).at(-1);
}

/** MR340 for each promotion log that ends in an incomplete line, which the next promotion removes. */
export async function tornLogs(root: Root, pipeline: string, models: readonly string[]): Promise<Issue[]> {
  const logs = models.map(async (model): Promise<Issue[]> => {
    const file = root.promotions(pipeline, model);
    const { torn, entries } = await readLog(file, promotionLog);
    if (torn === undefined) return [];
    const live = entries.at(-1);
    const message = `the promotion log of ${model} ends in an incomplete line, which is ignored: ${torn.slice(0, 60)}`;
    const hint = `check that ${live === undefined ? 'no version' : `v${live.version}`} should be live; \`millrace models promote\` changes it`;
    return [{ code: 'MR340', path: file, message, hint }];
  });
  return (await Promise.all(logs)).flat();
}

/** The whole log, oldest first. */
export async function promotions(root: Root, pipeline: string, model: string): Promise<Promotion[]> {
  return (await readLog(root.promotions(pipeline, model), promotionLog)).entries;
}
