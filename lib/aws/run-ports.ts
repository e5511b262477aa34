import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionVariables, runVariables } from '../functions/variables.ts';
import type { TriggerPorts } from '../runs/start-runs.ts';
import { executions } from './executions.ts';
import { runStore } from './run-store.ts';

/** What starting runs needs to know. */
export type RunVariables = Pick<FunctionVariables, Exclude<(typeof runVariables)[number], 'ENVIRONMENT'>>;

/** Everything that starting a run takes on AWS. */
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
    // Full jitter: those who lost the same race do not meet again.
    pause: (attempt) => sleep(Math.random() * Math.min(2000, 50 * 2 ** attempt)).then(() => undefined),
  };
}
