import type { Plan } from '../plan/schema.ts';
import type { Environment } from '../stacks/environment.ts';
import type { AccountPort } from './account.ts';
import { asIfDone, modelsOf, type Recomputed, recomputed } from './diff/recompute.ts';
import type { Deployment } from './kept.ts';
import { openPipeline } from './open.ts';

/** What stands in the account: its templates, and the plan that each deployed pipeline goes by. */
export async function deployedNow(
  environment: Environment,
  stacks: readonly string[],
  account: AccountPort,
): Promise<{ templates: Record<string, unknown>; plans: Plan[] } | undefined> {
  const found = await Promise.all(stacks.map(async (stack) => [stack, await account.template(stack)] as const));
  const there = found.filter(([, template]) => template !== undefined);
  if (there.length === 0) return undefined;
  const plans = await Promise.all(
    environment.pipelines.map(async (pipeline) => {
      const opened = await unlessMissing(() => openPipeline(environment, pipeline));
      return opened === undefined ? [] : [await opened.ports.plan()];
    }),
  );
  return { templates: Object.fromEntries(there), plans: plans.flat() };
}

/** What the new plans make run, judged by the ledger of each deployed pipeline. */
export async function recomputedThere(environment: Environment, plans: readonly Plan[]): Promise<Recomputed[]> {
  const found = await Promise.all(
    plans.map(async (plan) => {
      const opened = await unlessMissing(() => openPipeline(environment, plan.pipeline));
      if (opened === undefined) return [];
      const state = await opened.ports.ledger();
      const models = [...modelsOf(plan)];
      const live = await Promise.all(models.map(async (model) => ((await opened.ports.live(model)) ? [model] : [])));
      // A pipeline that never ran has nothing to do over.
      return Object.keys(state.tasks).length === 0 ? [] : recomputed(plan, state, new Set(live.flat()));
    }),
  );
  return found.flat();
}

/** The same without an account: as if all of what was kept had been done. */
export function recomputedHere(before: Pick<Deployment, 'plans'>, plans: readonly Plan[]): Recomputed[] {
  return plans.flatMap((plan) => {
    const old = before.plans.find((each) => each.pipeline === plan.pipeline);
    return old === undefined ? [] : recomputed(plan, asIfDone(old), modelsOf(plan));
  });
}

async function unlessMissing<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    const [issue] = (error as { issues?: readonly { code: string }[] }).issues ?? [];
    if (issue?.code === 'MR692') return undefined;
    throw error;
  }
}
