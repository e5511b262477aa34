import type { Issue } from '../errors.ts';

/** Each issue with its message, its place and one thing to do. */
export function renderIssues(issues: readonly Issue[]): string {
  return issues
    .map(({ code, path, message, hint }) => {
      const lines = [`${code}  ${message}`, `  at    ${path}`];
      if (hint !== undefined && hint !== '') lines.push(`  try   ${hint}`);
      return `${lines.join('\n')}\n`;
    })
    .join('\n');
}

/** Issues that stop nothing. */
export const renderWarnings = (warnings: readonly Issue[]): string =>
  warnings.length === 0 ? '' : `${renderIssues(warnings).replace(/^(?=MR\d)/gm, 'warning  ')}\n`;
