import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { issuesIn, lineOf, type ToldIssue } from '../../lib/documents/issue-line.ts';
import { projectFolder } from '../../lib/local/root.ts';

const golden = JSON.parse(
  readFileSync(path.join(projectFolder, 'contracts', 'golden', 'issue-lines.json'), 'utf8'),
) as {
  lines: { what: string; issues: ToldIssue[]; most: number; text: string }[];
  around: { text: string; issues: ToldIssue[] }[];
  none: string[];
};
const gap = { code: 'MR302', path: 'silver/a.sql', message: '3 rows in, 2 out', hint: 'name a rule' };

describe('issues in one line', () => {
  test.each(golden.lines)('$what: written as by the engine, within the given length', ({ issues, most, text }) => {
    expect(lineOf(issues, most)).toBe(text);
    expect(text.length).toBeLessThanOrEqual(most);
  });

  test.each(golden.lines.slice(0, 6))('$what: read back unchanged', ({ issues, text }) => {
    expect(issuesIn(text)).toEqual(issues.map(({ hint, ...rest }) => ({ ...rest, ...(hint && { hint }) })));
  });

  test.each(golden.around)('are found in the text that a service adds around them: $text', ({ text, issues }) => {
    expect(issuesIn(text)).toEqual(issues);
  });

  test.each(golden.none)('are not found in %j', (text) => {
    expect(issuesIn(text)).toEqual([]);
  });

  test('in a truncated line, whole issues are kept, and the last one without its end', () => {
    const line = lineOf([{ task: 'a', ...gap }, gap], 1000);
    for (let end = line.indexOf('"3 rows') + 8; end < line.length; end++) {
      const [first] = issuesIn(line.slice(0, end));
      expect(first).toMatchObject({ task: 'a', code: 'MR302', path: 'silver/a.sql' });
      expect('3 rows in, 2 out'.startsWith(first!.message.replace('...', ''))).toBe(true);
    }
    expect(issuesIn(line.slice(0, line.indexOf('"path"')))).toEqual([]);
  });
});
