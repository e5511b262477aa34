import type { Issue } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';
import { runsSql } from '../plan/task-kinds.ts';

/** The engine reports a file and an output column; find the line and column in the SQL text. */
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
