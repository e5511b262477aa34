import { type Dossier, dossierSchema, type Review, reviewSchema } from '../documents/model.ts';
import type { FunctionVariables } from '../functions/variables.ts';
import type { QualityPorts } from '../gate/ports.ts';
import { layout } from '../lake/layout.ts';
import { document, existing, type Kind } from './documents.ts';
import { publishPromotions } from './promotion-log.ts';
import { registry } from './registry.ts';

const dossierDocument: Kind<Dossier> = {
  code: 'MR404',
  name: 'the dossier of the model',
  hint: 'run again with `{"cause": "manual", "parameters": {"force": ["train"]}}` to train the model again',
  parse: (json) => dossierSchema.parse(json),
};

const reviewDocument: Kind<Review> = {
  code: 'MR404',
  name: 'the review of the training data',
  hint: 'run again: the training is repeated',
  parse: (json) => reviewSchema.parse(json),
};

/** The gate's ports: dossiers in the lake bucket, promotions in the registry. */
export function qualityPorts(
  env: Pick<FunctionVariables, 'PIPELINE' | 'REGISTRY_TABLE' | 'LAKE_BUCKET'>,
): QualityPorts {
  const models = registry(env.REGISTRY_TABLE, env.PIPELINE);
  return {
    dossier: (model, version) => {
      const key = layout.versionFile(env.PIPELINE, model, version, 'dossier');
      return existing({ bucket: env.LAKE_BUCKET, key }, dossierDocument);
    },
    review: (model, run) => {
      const key = layout.review(env.PIPELINE, model, run);
      return document({ bucket: env.LAKE_BUCKET, key }, reviewDocument);
    },
    history: (model) => models.history(model),
    live: (model) => models.live(model),
    promote: async (model, promotion) => {
      await models.promote(model, promotion);
      // Even if the promotion already exists: an earlier call may have ended between the two steps.
      await publishPromotions(models, env.LAKE_BUCKET, env.PIPELINE, model);
    },
    now: () => new Date(),
  };
}
