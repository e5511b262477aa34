import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionVariables, runVariables } from '../functions/variables.ts';
import type { TriggerPorts } from '../runs/start-runs.ts';
import { executions } from './executions.ts';
import { runStore } from './run-store.ts';

/** The variables needed to start runs. */
export type RunVariables = Pick<FunctionVariables, Exclude<(typeof runVariables)[number], 'ENVIRONMENT'>>;

/** The ports of the trigger on AWS. */
export function triggerPorts(env: RunVariables): TriggerPorts {
  return {
    target: {
      pipeline: env.PIPELINE,
      plan: `s3://${env.PLAN_BUCKET}/${env.PLAN_KEY}`,
      root: `s3://${env.LAKE_BUCKET}`,
      // Two pipelines may have sources of the same name.
      data: `s3://${env.RAW_BUCKET}/${env.PIPELINE}`,
    },
    ...runStore(env.RUNS_TABLE, env.PIPELINE),
    ...executions(env.STATE_MACHINE_ARN),
    now: () => new Date(),
    // Full jitter, so that writers that conflicted once do not conflict again.
    pause: (attempt) => sleep(Math.random() * Math.min(2000, 50 * 2 ** attempt)).then(() => undefined),
  };
}
