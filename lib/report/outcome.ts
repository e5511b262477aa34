import type { RunDocument } from '../documents/run-document.ts';
import type { Plan } from '../plan/schema.ts';

export type Outcome = 'ran' | 'skipped' | 'stopped here' | 'not reached';

/** What the run did with each task of the plan. Tasks run in the order of the plan, so a failed run stopped at the first that is missing. */
export function outcomesOf(run: RunDocument, plan: Plan): Map<string, Outcome> {
  const ran = new Set(run.tasks.map((task) => task.task));
  const skipped = new Set(run.skipped.map((skip) => skip.task));
  const outcomes = new Map<string, Outcome>();
  // A run that failed before its first task failed at none of them.
  let stopped = run.status !== 'failed' || ran.size === 0;
  for (const { name } of plan.tasks) {
    if (ran.has(name)) outcomes.set(name, 'ran');
    else if (skipped.has(name)) outcomes.set(name, 'skipped');
    else {
      outcomes.set(name, stopped ? 'not reached' : 'stopped here');
      stopped = true;
    }
  }
  return outcomes;
}
