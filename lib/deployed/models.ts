import { fault } from '../aws/faults.ts';
import { qualityPorts } from '../aws/gate-ports.ts';
import { publishPromotions } from '../aws/promotion-log.ts';
import { registry } from '../aws/registry.ts';
import { bucketObjects } from '../aws/s3.ts';
import type { ModelStore } from '../gate/model-store.ts';
import { damageOf } from '../gate/whole-version.ts';
import { versionsOf } from '../lake/model-versions.ts';
import { modelNames } from '../plan/task-kinds.ts';
import type { Opened } from './connect.ts';

/** The models of a deployed pipeline, accessed with the caller's permissions. */
export function deployedModels({ deployed, ports }: Opened): ModelStore {
  const { pipeline, variables, environment } = deployed;
  const log = registry(variables.REGISTRY_TABLE, pipeline);
  const lake = bucketObjects(variables.LAKE_BUCKET);
  return {
    names: async () => modelNames(await ports.plan()),
    history: log.history,
    versions: (model) => versionsOf(lake, pipeline, model),
    dossier: qualityPorts(variables).dossier,
    damage: (model, version) => damageOf(lake, pipeline, model, version),
    append: async (model, entry) => {
      const sequence = ((await log.live(model))?.sequence ?? 0) + 1;
      const done = await log.append(model, { ...entry, sequence });
      // The engine reads the copy beside the versions.
      await publishPromotions(log, lake, pipeline, model);
      if (done) return;
      const message = 'another version was promoted or rolled back at the same time';
      throw fault(
        'MR413',
        `promotions of ${model}`,
        message,
        `check \`millrace models list ${pipeline}\`, then try again`,
      );
    },
    rescore: async () => {
      const outcome = await ports.trigger({});
      if (outcome.started) return `run ${outcome.run} scores with it`;
      if (outcome.why === 'running')
        return `run ${outcome.run} is in progress: start one after it with \`millrace run ${pipeline} --env ${environment.name}\``;
      return outcome.why === 'stopped' ? `runs are stopped until ${outcome.until}` : 'a run was already requested';
    },
  };
}
