import type { Issue } from '../errors.ts';

/** What is wrong, where, and one thing to do about each. */
export function renderIssues(issues: readonly Issue[]): string {
  return issues
    .map(({ code, path, message, hint }) => {
      const lines = [`${code}  ${message}`, `  at    ${path}`];
      if (hint !== undefined && hint !== '') lines.push(`  try   ${hint}`);
      return `${lines.join('\n')}\n`;
    })
    .join('\n');
}

/** What is worth knowing, though it stops nothing. */
export const renderWarnings = (warnings: readonly Issue[]): string =>
  warnings.length === 0 ? '' : `${renderIssues(warnings).replace(/^(?=MR\d)/gm, 'warning  ')}\n`;
