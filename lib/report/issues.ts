import type { Issue } from '../errors.ts';
import { type Html, html } from '../html/html.ts';
import { code, sentence } from '../html/names.ts';
import { pasteable } from '../words.ts';

/** What went wrong, where, and the one thing to do about it. */
export const issueList = (issues: readonly Issue[]): Html => listed(issues, 'issues', 'Issues');

/** What is worth knowing though it stopped nothing, with the same three parts. */
export const warningList = (warnings: readonly Warning[]): Html => listed(warnings, 'issues warned', 'Warnings');

/** Tasks warn in a sentence alone; then `code` is the task, and there is no place and no hint. */
export type Warning = Pick<Issue, 'code' | 'message' | 'hint'> & { path?: string };

function listed(issues: readonly Warning[], name: string, label: string): Html {
  if (issues.length === 0) return html``;
  return html`<ol class="${name}" aria-label="${label}">${issues.map(
    (
      issue,
    ) => html`<li><p class="message"><span class="code">${code(issue.code)}</span> ${sentence(pasteable(issue.message))}</p>
${issue.path !== undefined && html`<p class="where"><span>at</span> ${code(issue.path)}</p>`}
${issue.hint !== undefined && issue.hint !== '' && html`<p class="where"><span>try</span> <span class="hint">${hint(issue.hint)}</span></p>`}</li>`,
  )}</ol>`;
}

/** A hint whose commands stand out, written so that they run when pasted. */
function hint(text: string): Html {
  const parts = pasteable(text).split('`');
  // An odd mark has no partner, so none of them is taken for one.
  if (parts.length % 2 === 0) return sentence(pasteable(text));
  return html`${parts.map((part, i) => (i % 2 === 1 ? code(part) : sentence(part)))}`;
}
