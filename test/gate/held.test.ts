import { describe, expect, test } from 'vitest';
import { heldIssue } from '../../lib/gate/held.ts';

const held = { verdict: 'hold', usable: true } as const;

describe('a run whose candidate is held', () => {
  test.each([
    ['says that the live version still scores', [held], 'the live version still scores'],
    ['says that nothing is scored where no version is live', [{ ...held, usable: false }], 'no version is live'],
    ['looks at the held candidates only', [held, { verdict: 'promote', usable: false } as const], 'still scores'],
    ['says the usual of a gate that gave no verdict', [], 'still scores'],
  ])('%s', (_, verdicts, end) => {
    const issue = heldIssue('m v1: AUC 0.4', verdicts, 'look at the report');
    expect(issue).toMatchObject({ code: 'MR407', message: 'held: m v1: AUC 0.4' });
    expect(issue.hint).toMatch(/^look at the report: /);
    expect(issue.hint).toContain(end);
  });
});
