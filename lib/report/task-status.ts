import type { RunDocument } from '../documents/run-document.ts';
import type { Plan } from '../plan/schema.ts';

export type TaskStatus = 'ran' | 'skipped' | 'failed' | 'not reached';

/**
 * The outcome of each task of the plan. If the failed task is unknown, it is the first task without a result, because tasks run in the
 * order of the plan. If the run failed before its first task, no task failed.
 */
export function statusesOf(run: RunDocument, plan: Plan): Map<string, TaskStatus> {
  const ran = new Set(run.tasks.map((task) => task.task));
  const skipped = new Set(run.skipped.map((skip) => skip.task));
  const outcomes = new Map<string, TaskStatus>();
  const failed = new Set(run.failed);
  let stopped = run.status !== 'failed' || ran.size === 0 || failed.size > 0;
  for (const { name } of plan.tasks) {
    if (ran.has(name)) outcomes.set(name, 'ran');
    else if (failed.has(name)) outcomes.set(name, 'failed');
    else if (skipped.has(name)) outcomes.set(name, 'skipped');
    else {
      outcomes.set(name, stopped ? 'not reached' : 'failed');
      stopped = true;
    }
  }
  return outcomes;
}
