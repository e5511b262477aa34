import { compile } from '../../lib/plan/compile.ts';
import type { Plan } from '../../lib/plan/schema.ts';
import { small, smallSql } from './pipelines.ts';

/** The small pipeline with the given sources added or replaced. Its other sources may be empty. */
export function planWithSources(sources: Record<string, object>): Plan {
  const optional = Object.entries(small.sources).map(([name, source]) => [name, { ...source, optional: true }]);
  const definition = { ...small, sources: { ...Object.fromEntries(optional), ...sources } };
  const { plan, issues } = compile(definition as unknown as typeof small, smallSql, 'pipelines/small/pipeline.ts');
  if (plan === undefined) throw new Error(JSON.stringify(issues));
  return plan;
}
