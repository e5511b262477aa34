import type { Issue } from '../errors.ts';
import { type Html, html } from '../html/html.ts';
import { code, sentence } from '../html/names.ts';
import { pasteable } from '../words.ts';

/** Errors, each with its place and one thing to do. */
export const issueList = (issues: readonly Issue[]): Html => listed(issues, 'issues', 'Issues');

/** Warnings, with the same three parts. */
export const warningList = (warnings: readonly Warning[]): Html => listed(warnings, 'issues warned', 'Warnings');

/** A task's warning may be a sentence only. Then `code` is the task, and place and hint are missing. */
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

/** A hint with its commands highlighted and ready to paste. */
function hint(text: string): Html {
  const parts = pasteable(text).split('`');
  // With an odd number of back ticks one has no partner, so the text is not split.
  if (parts.length % 2 === 0) return sentence(pasteable(text));
  return html`${parts.map((part, i) => (i % 2 === 1 ? code(part) : sentence(part)))}`;
}
