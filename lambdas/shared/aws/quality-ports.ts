import { MillraceError } from '../../../lib/errors.ts';
import { dossierSchema } from '../../../lib/plan/model-schema.ts';
import type { QualityPorts } from '../../quality/quality.ts';
import type { Environment } from './environment.ts';
import { getJson, uriOf } from './objects.ts';
import { publishPromotions } from './promotion-log.ts';
import { registry } from './registry.ts';

export const qualityVariables = [
  'PIPELINE',
  'ENVIRONMENT',
  'REGISTRY_TABLE',
  'LAKE_BUCKET',
  'METRIC_NAMESPACE',
] as const satisfies readonly (keyof Environment)[];

/** The gate's ports: dossiers in the lake bucket, promotions in the registry. */
export function qualityPorts(env: Pick<Environment, (typeof qualityVariables)[number]>): QualityPorts {
  const models = registry(env.REGISTRY_TABLE, env.PIPELINE);
  return {
    auc: async (model, version) => {
      const place = { bucket: env.LAKE_BUCKET, key: `models/${env.PIPELINE}/${model}/v${version}/dossier.json` };
      const document = await getJson(place);
      if (document === undefined) {
        const hint = 'run the training again';
        throw new MillraceError([{ code: 'MR404', path: uriOf(place), message: 'the dossier is not there', hint }]);
      }
      return dossierSchema.parse(document).metrics.auc;
    },
    live: (model) => models.live(model),
    promote: async (model, promotion) => {
      await models.promote(model, promotion);
      // Also after a promotion that was there already: the call before may have ended between the two.
      await publishPromotions(models, env.LAKE_BUCKET, env.PIPELINE, model);
    },
    now: () => new Date(),
  };
}
