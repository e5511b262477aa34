import type { Issue } from '../errors.ts';
import type { Plan } from '../plan/schema.ts';

/** The engine knows which file and which output column it means; the line and column where that is written, the text tells. */
export async function placed(
  issues: readonly (Issue & { column?: string | undefined })[],
  plan: Plan,
): Promise<Issue[]> {
  if (issues.length === 0) return [];
  const { placeOfOutput } = await import('../plan/sql.ts');
  return issues.map(({ column, ...issue }) => {
    const task = plan.tasks.find((t) => t.kind === 'transform' && t.sqlFile === issue.path);
    if (column === undefined || task?.kind !== 'transform') return issue;
    return { ...issue, path: placeOfOutput(task.sql, issue.path, column) };
  });
}
