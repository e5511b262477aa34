import type { Issue } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';
import { runsSql } from '../plan/task-kinds.ts';

/** The engine knows which file and which output column it means; the line and column where that is written, the text tells. */
export async function placed(
  issues: readonly (Issue & { column?: string | undefined })[],
  plan: Plan,
): Promise<Issue[]> {
  if (issues.length === 0) return [];
  const { placeOfOutput } = await import('../plan/sql.ts');
  return issues.map(({ column, ...issue }) => {
    const task = plan.tasks.filter(runsSql).find(({ sqlFile }) => sqlFile === issue.path);
    if (column === undefined || task === undefined) return issue;
    return { ...issue, path: placeOfOutput(task.sql, issue.path, column) };
  });
}
