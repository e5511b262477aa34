import { isDenied } from '../aws/faults.ts';
import { knownModel } from '../bookmarks/known-models.ts';
import { openPipeline } from '../deployed/connect.ts';
import type { Bootstrap } from '../environment/bootstrap.ts';
import type { Environment } from '../environment/environment.ts';
import type { Plan } from '../plan/schema.ts';
import type { ReachedAccount } from './account-access.ts';
import type { Difference } from './diff/difference.ts';
import { asIfDone, modelsOf, type Recomputed, recomputed } from './diff/recompute.ts';
import type { Deployment } from './last-deployment.ts';
import { publishedPlans } from './published-plans.ts';

/** The current deployment in an account. */
export interface DeployedNow {
  templates: Record<string, unknown>;
  /** The deployed plan of each pipeline. */
  plans: Plan[];
  /** Tasks that the next run executes only because of the new plans. */
  recompute: Recomputed[];
  judgedBy: Difference['judgedBy'];
}

/**
 * The deployed stacks, and the tasks that new plans would run; undefined if none of the stacks exists. Reads the bookmarks with the
 * caller's credentials. If these are denied or belong to another account, it assumes that all tasks of the deployed plans are done.
 */
export async function deployedNow(
  environment: Environment,
  stacks: readonly string[],
  account: ReachedAccount,
  plans: readonly Plan[],
  bootstrap: Bootstrap,
): Promise<DeployedNow | undefined> {
  const found = await Promise.all(stacks.map(async (stack) => [stack, await account.template(stack)] as const));
  const there = found.filter(([, template]) => template !== undefined);
  if (there.length === 0) return undefined;
  const templates = Object.fromEntries(there);
  if (await account.isOwn()) {
    try {
      return { templates, ...(await judgedByBookmarks(environment, plans)), judgedBy: 'the bookmarks' };
    } catch (error) {
      if (!isDenied(error)) throw error;
    }
  }
  const before = await publishedPlans(environment, await account.identity(), templates, bootstrap);
  return {
    templates,
    plans: before,
    recompute: recomputedHere({ plans: before }, plans),
    judgedBy: 'the deployed plan',
  };
}

async function judgedByBookmarks(
  environment: Environment,
  plans: readonly Plan[],
): Promise<Pick<DeployedNow, 'plans' | 'recompute'>> {
  const names = [...new Set([...environment.pipelines, ...plans.map((plan) => plan.pipeline)])];
  const all = await Promise.all(
    names.map(async (pipeline) => {
      const opened = await unlessMissing(() => openPipeline(environment, pipeline));
      if (opened === undefined) return { plans: [], recompute: [] };
      const before = await opened.ports.plan();
      const plan = plans.find((each) => each.pipeline === pipeline);
      if (plan === undefined) return { plans: [before], recompute: [] };
      const state = await opened.ports.bookmarks();
      const models = await Promise.all(
        [...modelsOf(plan).keys()].map(async (model) => {
          const live = await opened.ports.live(model);
          return [model, knownModel(live === undefined ? [] : [live], [])] as const;
        }),
      );
      // A pipeline that never ran has nothing to recompute.
      const idle = Object.keys(state.tasks).length === 0;
      return { plans: [before], recompute: idle ? [] : recomputed(plan, state, new Map(models)) };
    }),
  );
  return { plans: all.flatMap((each) => each.plans), recompute: all.flatMap((each) => each.recompute) };
}

/** The same without an account: assumes that all tasks of the last deployment from this machine are done. */
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
