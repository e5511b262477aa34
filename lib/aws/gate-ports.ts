import type { FunctionVariables } from '../functions/variables.ts';
import { inLake } from '../gate/in-lake.ts';
import type { QualityPorts } from '../gate/ports.ts';
import { publishPromotions } from './promotion-log.ts';
import { registry } from './registry.ts';
import { bucketObjects } from './s3.ts';

const hints = {
  dossier: 'run again with `{"cause": "manual", "parameters": {"force": ["train"]}}` to train the model again',
  review: 'run again: the training is repeated',
};

/** The gate's ports: dossiers in the lake bucket, promotions in the registry. */
export function qualityPorts(
  env: Pick<FunctionVariables, 'PIPELINE' | 'REGISTRY_TABLE' | 'LAKE_BUCKET'>,
): QualityPorts {
  const lake = bucketObjects(env.LAKE_BUCKET);
  const models = registry(env.REGISTRY_TABLE, env.PIPELINE);
  return {
    ...inLake(lake, env.PIPELINE, hints),
    history: (model) => models.history(model),
    live: (model) => models.live(model),
    promote: async (model, promotion) => {
      await models.promote(model, promotion);
      // Even if the promotion already exists: an earlier call may have ended between the two steps.
      await publishPromotions(models, lake, env.PIPELINE, model);
    },
    now: () => new Date(),
  };
}
