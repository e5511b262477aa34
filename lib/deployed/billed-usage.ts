import { kindOf } from '../compute/compute.ts';
import type { Usage } from '../cost/actual.ts';
import type { Plan } from '../plan/schema.ts';
import type { Step } from './ports.ts';

/**
 * The usage of a run's Glue job runs, by stage, including failed attempts. Undefined if none has ended. Cluster hours are not in the
 * execution history, so they are not included.
 */
export function usageOf(plan: Plan, run: string, steps: readonly Step[]): Usage | undefined {
  const stages = plan.stages.flatMap((stage) => {
    const { name } = stage;
    const { dpuSeconds } = kindOf(stage).used;
    if (dpuSeconds === undefined) return [];
    const used = steps.flatMap((step) => {
      const text = step.type === 'failed' ? step.cause : step.type === 'exited' ? step.output : undefined;
      return step.state === name && text !== undefined ? (dpuSeconds(text) ?? []) : [];
    });
    return used.length === 0 ? [] : [{ stage: name, dpuSeconds: used.reduce((sum, each) => sum + each, 0) }];
  });
  return stages.length === 0 ? undefined : { run, from: 'glue', stages };
}
