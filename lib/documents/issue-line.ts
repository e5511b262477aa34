import * as z from 'zod';
import type { Issue } from '../errors.ts';
import { issueSchema } from './run-document.ts';

/**
 * Issues as one line of text, for channels that carry only text: the error of a function, the reason of an exit. The engine's
 * `issue_line.py` writes and reads the same format; `contracts/golden/issue-lines.json` has examples that both must match.
 */

/** The beginning of the line, anywhere in the text of a service. */
export const issueMark = 'millrace-issues:';

const taskIssue = issueSchema.extend({ task: z.string().optional() });
const document = z.object({ issues: z.array(taskIssue), more: z.int().optional() });

/** An issue, with its task if it belongs to one. */
export type ToldIssue = Issue & { task?: string | undefined };

/**
 * The line, in ASCII, with at most `most` characters: as many complete issues as fit, and the number of the others. If not even the
 * first fits, its texts are cut.
 */
export function lineOf(issues: readonly ToldIssue[], most: number): string {
  let fitting = issues.length === 0 ? written([], 0) : undefined;
  for (let count = 1; count <= issues.length; count++) {
    const line = written(issues.slice(0, count), issues.length - count);
    if (line.length > most) break;
    fitting = line;
  }
  for (let longest = Math.floor(most / 4); fitting === undefined; longest = Math.floor(longest / 2)) {
    const line = written([shortened(issues[0]!, longest)], issues.length - 1);
    if (line.length <= most || longest <= 3) fitting = line;
  }
  return fitting;
}

function written(issues: readonly ToldIssue[], more: number): string {
  const listed = issues.map(({ task, code, path, message, hint }) => ({
    ...(task && { task }),
    code,
    path,
    message,
    ...(hint && { hint }),
  }));
  const text = JSON.stringify({ issues: listed, ...(more > 0 && { more }) });
  return (
    issueMark + text.replace(/[\u0080-\uffff]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
  );
}

const shortened = (issue: ToldIssue, longest: number) =>
  Object.fromEntries(
    Object.entries(issue).map(([name, text]) => [
      name,
      text === undefined || text.length <= longest ? text : `${text.slice(0, longest - 3)}...`,
    ]),
  ) as unknown as ToldIssue;

/** The issues of the first such line in a text, ignoring the text around it; if a service cut the line, as much as can be read. */
export function issuesIn(text: string): ToldIssue[] {
  const at = text.indexOf(issueMark);
  if (at === -1) return [];
  const found = document.safeParse(firstJson(text.slice(at + issueMark.length)));
  return found.success ? found.data.issues : [];
}

/** The JSON document at the beginning of a text, repaired if its end is missing; undefined if there is none. */
function firstJson(text: string): unknown {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const each = text[i];
    if (quoted) {
      if (each === '\\') i++;
      else if (each === '"') quoted = false;
    } else if (each === '"') quoted = true;
    else if (each === '{' || each === '[') depth++;
    else if ((each === '}' || each === ']') && --depth === 0) return parsed(text.slice(0, i + 1));
    if (depth === 0) return undefined;
  }
  // The cut is inside a string, which is then closed, or after one.
  for (let end = text.length; end > 0; end--) {
    for (const close of ['..."}]}', '}]}', ']}']) {
      const whole = parsed(text.slice(0, end) + close);
      if (document.safeParse(whole).success) return whole;
    }
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
