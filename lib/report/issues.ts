import type { Issue } from '../errors.ts';
import { type Html, html } from './html.ts';

/** What went wrong, where, and the one thing to do about it. */
export function issueList(issues: readonly Issue[]): Html {
  if (issues.length === 0) return html``;
  return html`<ol class="issues" aria-label="Issues">${issues.map(
    (issue) => html`<li><p class="message"><code class="code">${issue.code}</code> ${issue.message}</p>
<p class="where"><span>at</span> <code>${issue.path}</code></p>
${issue.hint !== undefined && html`<p class="where"><span>try</span> ${issue.hint}</p>`}</li>`,
  )}</ol>`;
}
