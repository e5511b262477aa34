import { describe, expect, test } from 'vitest';
import { sameContent } from '../../lib/bookmarks/same-content.ts';
import { emptyState, type InputFile } from '../../lib/documents/bookmark-state.ts';
import type { WorkItem } from '../../lib/documents/work-order.ts';

const file = (path: string, etag = path, size = 10): InputFile => ({ path, etag, size });
const listed = (...files: InputFile[]) => ({ s: files.map((each) => ({ ...each, uri: `/d/${each.path}` })) });
const item = (mode: WorkItem['mode'], ...files: InputFile[]): WorkItem => ({
  ...{ task: 's', mode, why: 'new input', fingerprint: 'f', parts: {}, since: {} },
  files: files.map((each) => ({ ...each, uri: `/d/${each.path}`, replace: false })),
});
const took = (...files: InputFile[]) => ({
  ...emptyState('p'),
  tasks: {
    s: {
      ...{ fingerprint: 'f', parts: {}, run: 'r', version: 1, rewrittenAt: 0, consumed: {} },
      files: Object.fromEntries(files.map((each) => [each.path, each])),
    },
  },
});
const codes = (...found: Parameters<typeof sameContent>) => sameContent(...found).map(({ code, path }) => [code, path]);

describe('the bytes of a file under another name', () => {
  test('are noticed if both files exist, once for two new files', () => {
    const [old, copy] = [file('a.csv', 'x'), file('b.csv', 'x')];
    const issues = sameContent([item('incremental', copy)], listed(old, copy), took(old));
    expect(issues).toEqual([
      {
        code: 'MR225',
        path: 'b.csv',
        message:
          'source "s" reads b.csv, which has the same bytes as a.csv, which also exists: the table gets their rows twice',
        hint: 'if one is a copy, delete it, run `millrace bookmarks withdraw p s b.csv`, and run again',
      },
    ]);
    expect(codes([item('full', old, copy)], listed(old, copy), emptyState('p'))).toEqual([['MR225', 'b.csv']]);
    expect(codes([item('full', copy, old)], listed(copy, old), emptyState('p'))).toEqual([['MR225', 'a.csv']]);
  });

  test('are noticed if the other file was read and no longer exists, unless the table is rebuilt without it', () => {
    const [old, renamed] = [file('a.csv', 'x'), file('b.csv', 'x')];
    expect(codes([item('incremental', renamed)], listed(renamed), took(old))).toEqual([['MR226', 'b.csv']]);
    expect(codes([item('full', renamed)], listed(renamed), took(old))).toEqual([]);
    const odd = file("in/it's old.csv", 'x');
    const [said] = sameContent([item('incremental', renamed)], listed(renamed), took(odd));
    expect(said!.hint).toBe(`if it was renamed, run \`millrace bookmarks withdraw p s 'in/it'\\''s old.csv'\``);
  });

  test('are reported once, not by each later run, and not for empty files or those rewritten in place', () => {
    const [old, copy] = [file('a.csv', 'x'), file('b.csv', 'x')];
    expect(codes([], listed(old, copy), took(old, copy))).toEqual([]);
    const empty = [file('a.csv', 'e', 0), file('b.csv', 'e', 0)];
    expect(codes([item('full', ...empty)], listed(...empty), emptyState('p'))).toEqual([]);
    expect(codes([item('incremental', old)], listed(old), took(file('a.csv', 'y')))).toEqual([]);
  });

  test('are named for three files, and counted for the rest', () => {
    const files = Array.from({ length: 9 }, (_, i) => file(`${i}.csv`, 'x'));
    const [issue] = sameContent([item('full', ...files)], listed(...files), emptyState('p'));
    expect(issue!.message).toContain('and 7 more files: 2.csv (0.csv), 3.csv (0.csv), 4.csv (0.csv), ...');
  });
});
