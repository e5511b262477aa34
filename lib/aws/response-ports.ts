import type { FunctionVariables } from '../functions/variables.ts';
import { damageOf } from '../gate/whole-version.ts';
import type { RespondPorts } from '../responses/respond.ts';
import { stopAt } from '../runs/run-state.ts';
import { arrived } from '../runs/start-runs.ts';
import { liftStop, stopRuns } from '../runs/stop-runs.ts';
import { publishPromotions } from './promotion-log.ts';
import { registry } from './registry.ts';
import { responseStore } from './response-store.ts';
import { type RunVariables, triggerPorts } from './run-ports.ts';
import { bucketObjects } from './s3.ts';
import { pauseSchedule, resumeSchedule } from './schedule.ts';
import { publish } from './topic.ts';

type ResponseVariables = RunVariables &
  Pick<FunctionVariables, 'REGISTRY_TABLE' | 'ALARM_TOPIC_ARN'> &
  Partial<Pick<FunctionVariables, 'SCHEDULE_NAME'>>;

/** The ports of the responder on AWS. It starts runs like the trigger, so never during another run. */
export function respondPorts(env: ResponseVariables): RespondPorts {
  const runs = triggerPorts(env);
  const lake = bucketObjects(env.LAKE_BUCKET);
  const models = registry(env.REGISTRY_TABLE, env.PIPELINE);
  return {
    pipeline: env.PIPELINE,
    ...responseStore(env.RUNS_TABLE, env.PIPELINE),
    history: models.history,
    damage: (model, version) => damageOf(lake, env.PIPELINE, model, version),
    append: async (model, entry) => {
      const done = await models.append(model, entry);
      // Even if another writer was faster: the last writer publishes all entries.
      await publishPromotions(models, lake, env.PIPELINE, model);
      return done;
    },
    notify: (subject, text) => publish(env.ALARM_TOPIC_ARN, subject, text),
    retrain: (id, at) =>
      arrived({ cause: 'alarm', ids: [id], at, parameters: { force: ['train'] }, waits: true }, runs),
    rescore: (id, at) => arrived({ cause: 'alarm', ids: [id], at, parameters: {}, waits: true }, runs),
    pause: async (until) => (env.SCHEDULE_NAME === undefined ? 'no schedule' : pauseSchedule(env.SCHEDULE_NAME, until)),
    resume: async (until) =>
      env.SCHEDULE_NAME === undefined ? 'no schedule' : resumeSchedule(env.SCHEDULE_NAME, until),
    stop: (stop) => stopRuns(stop, runs),
    stopped: async () => stopAt(await runs.read(), runs.now()),
    lift: () => liftStop(runs),
    now: () => new Date(),
  };
}
