import * as z from 'zod';
import type { Issue } from '../errors.ts';
import { isPromotionOf } from '../gate/gate.ts';
import { inLake } from '../gate/in-lake.ts';
import type { Promotion, QualityPorts } from '../gate/ports.ts';
import { judgedIn } from '../gate/promotions.ts';
import type { DocumentKind } from '../lake/documents.ts';
import { layout } from '../lake/layout.ts';
import { makeFolder } from './folders.ts';
import { appendToLog, readLog } from './log-file.ts';
import type { Root } from './root.ts';

/** The fields of a log line that are read here; a line may have more. */
const promotionLine = z.looseObject({ version: z.int().nonnegative(), run: z.string(), at: z.string() });

const promotionLog: DocumentKind<Promotion> = {
  code: 'MR532',
  name: 'the promotion log',
  hint: 'restore the line, or delete it: the line before it then defines the live version',
  parse: (json) => {
    const line = promotionLine.parse(json);
    return { ...line, ...judgedIn(line) } as unknown as Promotion;
  },
};

const hint = 'delete the folder and run again';

/** The quality gate's ports on files: dossiers and reviews beside the models, one line per promotion. */
export function qualityFiles(root: Root, pipeline: string): QualityPorts {
  return {
    ...inLake(root.objects, pipeline, { dossier: hint, review: hint }),
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
  await makeFolder(root.model(pipeline, model));
  await appendToLog(root.objects, layout.promotions(pipeline, model), entry, promotionLog);
}

/** The last line of the promotion log: the version that scores. */
export async function livePromotion(root: Root, pipeline: string, model: string): Promise<Promotion | undefined> {
  return (await promotions(root, pipeline, model)).at(-1);
}

/** MR340 for each promotion log that ends in an incomplete line, which the next promotion removes. */
export async function tornLogs(root: Root, pipeline: string, models: readonly string[]): Promise<Issue[]> {
  const logs = models.map(async (model): Promise<Issue[]> => {
    const file = root.promotions(pipeline, model);
    const { torn, entries } = await readLog(root.objects, layout.promotions(pipeline, model), promotionLog);
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
  return (await readLog(root.objects, layout.promotions(pipeline, model), promotionLog)).entries;
}
