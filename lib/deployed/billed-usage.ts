import type { Usage } from '../cost/actual.ts';
import { dpuOfWorker, type WorkerType } from '../cost/environment.ts';
import type { Plan } from '../plan/schema.ts';
import type { Step } from './ports.ts';

/** Of what Glue tells of a job run at its end, what it is billed by. */
interface JobRun {
  /** Only where workers come and go (auto-scaling, Flex). */
  DPUSeconds?: number;
  ExecutionTime?: number;
  WorkerType?: string;
  NumberOfWorkers?: number;
}

/**
 * What the Glue job runs of a run used, by stage, tries that failed among them. Undefined where none has ended. Hours of clusters are
 * not told to the machine, and not in it.
 */
export function usageOf(plan: Plan, run: string, steps: readonly Step[]): Usage | undefined {
  const stages = plan.stages.flatMap(({ name, compute }) => {
    if (compute !== 'glue') return [];
    const used = steps.flatMap((step) => {
      const text = step.type === 'failed' ? step.cause : step.type === 'exited' ? step.output : undefined;
      return step.state === name && text !== undefined ? dpuSecondsOf(text) : [];
    });
    return used.length === 0 ? [] : [{ stage: name, dpuSeconds: used.reduce((sum, each) => sum + each, 0) }];
  });
  return stages.length === 0 ? undefined : { run, from: 'glue', stages };
}

/** None where the text is not of a job run. */
function dpuSecondsOf(text: string): number[] {
  let run: JobRun;
  try {
    run = (JSON.parse(text) ?? {}) as JobRun;
  } catch {
    return [];
  }
  if (typeof run.DPUSeconds === 'number') return [run.DPUSeconds];
  const { ExecutionTime: seconds, WorkerType: type = 'G.1X', NumberOfWorkers: workers } = run;
  if (typeof seconds !== 'number' || typeof workers !== 'number') return [];
  return [seconds * workers * (dpuOfWorker[type as WorkerType] ?? 1)];
}
