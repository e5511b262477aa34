import type { AnyDefinition } from '../../lib/definition/index.ts';
import { loadPlan } from '../../lib/local/load.ts';
import { canonicalJson } from '../../lib/plan/canonical-json.ts';
import { compile } from '../../lib/plan/compile.ts';
import { small, smallSql } from './pipelines.ts';

/** The plans that the tests of both languages read: file name in `contracts/golden/` -> text. */
export async function goldenPlans(): Promise<Record<string, string>> {
  const plans = {
    small: compile(small as unknown as AnyDefinition, smallSql, 'pipelines/small/pipeline.ts').plan,
    churn: await loadPlan('churn'),
  };
  return Object.fromEntries(
    Object.entries(plans).map(([name, plan]) => [`${name}.plan.json`, `${canonicalJson(plan, 1)}\n`]),
  );
}
