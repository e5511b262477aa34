import type { Question } from '../../cost/question.ts';
import type { Environment } from '../../environment/environment.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Deployment } from '../last-deployment.ts';
import type { LeftoverStack } from '../leftover-stacks.ts';
import { type CostChange, costChange } from './cost.ts';
import { permissionsWidened, type Widened } from './permissions.ts';
import type { Recomputed } from './recompute.ts';
import { type ResourceChange, resourceChanges } from './resources.ts';
import type { Template } from './template.ts';

/** The effects of a deploy. */
export interface Difference {
  environment: string;
  /** `nothing`: nothing is deployed to compare with. */
  against: 'the account' | 'the last deploy from here' | 'nothing';
  /** Whether any part has a change. */
  changes: boolean;
  resources: { changes: ResourceChange[]; unchanged: number };
  recompute: Recomputed[];
  /** What `recompute` is based on. `the deployed plan`: assumes that all its tasks are done, without the bookmarks. */
  judgedBy: 'the bookmarks' | 'the deployed plan';
  cost: CostChange[];
  permissions: Widened[];
  /** Deployed stacks that the app no longer has. They stay until a deploy with `--prune`. */
  leftover: LeftoverStack[];
}

export interface Comparison {
  before: Pick<Deployment, 'templates'> & Partial<Deployment>;
  after: Deployment;
  against: Difference['against'];
  recompute: Recomputed[];
  judgedBy: Difference['judgedBy'];
  leftover: LeftoverStack[];
  /** The input of the monthly forecast. */
  question(plan: Plan, environment: Environment): Question;
}

export function difference({
  before,
  after,
  against,
  recompute,
  judgedBy,
  leftover,
  question,
}: Comparison): Difference {
  const [old, now] = [before.templates, after.templates] as Record<string, Template>[] as [
    Record<string, Template>,
    Record<string, Template>,
  ];
  const changes = resourceChanges(old, now);
  const total = Object.values(now).reduce((sum, template) => sum + Object.keys(template.Resources ?? {}).length, 0);
  const permissions = permissionsWidened(old, now);
  const pipelines = [...new Set([...(before.plans ?? []), ...after.plans].map((plan) => plan.pipeline))].sort();
  const cost = pipelines.map((pipeline) => {
    const questionOf = ({ plans = [], environment }: Partial<Deployment>): Question | undefined => {
      const plan = plans.find((each) => each.pipeline === pipeline);
      return plan && environment && question(plan, environment);
    };
    return costChange(pipeline, questionOf(before), questionOf(after));
  });
  return {
    environment: after.environment.name,
    against,
    changes: changes.length + recompute.length + permissions.length + leftover.length > 0,
    resources: { changes, unchanged: total - changes.filter(({ change }) => change !== 'removed').length },
    recompute,
    judgedBy,
    cost,
    permissions,
    leftover,
  };
}
