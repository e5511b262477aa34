import { kindOf } from '../compute/compute.ts';
import type { Usage } from '../cost/actual.ts';
import type { Plan } from '../plan/schema.ts';
import type { Step } from './ports.ts';

/**
 * What the Glue job runs of a run used, by stage, tries that failed among them. Undefined where none has ended. Hours of clusters are
 * not told to the machine, and not in it.
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
