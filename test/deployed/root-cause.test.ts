import { describe, expect, test } from 'vitest';
import { stepsOf } from '../../lib/deployed/execution-steps.ts';
import { failureOf } from '../../lib/deployed/root-cause.ts';
import { lineOf } from '../../lib/documents/issue-line.ts';
import { badRun, plan, seenAfter } from './world.ts';

const failure = (cause: string, error?: string, engineLog?: string) => {
  const moments = badRun('customers_clean', cause, error);
  return failureOf(plan, { ...seenAfter(moments, moments.length), ...(engineLog !== undefined && { engineLog }) });
};
const issue = { code: 'MR301', path: 'silver/customers_clean.sql', message: 'a gap of 3 rows', hint: 'look' };
const event = JSON.stringify({ event: 'task.failed', task: 'customers_clean', issues: [issue] });

describe('the root cause of a failed run', () => {
  test('is what the engine reported for the task, in the job run or in its log', () => {
    const inRun = JSON.stringify({ Id: 'jr_1', ErrorMessage: `x\n${event}\ny` });
    expect(failure(inRun)).toEqual({ state: 'build', task: 'customers_clean', jobRun: 'jr_1', issues: [issue] });
    const bare = JSON.stringify({ Id: 'jr_1', ErrorMessage: 'SystemExit: 1' });
    expect(failure(bare, undefined, `2026-11-21 INFO ${event}`).issues).toEqual([issue]);
  });

  test("is otherwise the first task that did not report, and Glue's message", () => {
    const cause = JSON.stringify({ Id: 'jr_1', ErrorMessage: 'first line\nOut of memory' });
    const { task, issues } = failure(cause);
    expect(task).toBe('customers_clean');
    expect(issues[0]).toMatchObject({ code: 'MR509', path: 'r-20261121t090000-abcd  build', message: 'Out of memory' });
  });

  test("is the engine's exit text if it wrote nothing else, whatever a service adds around it", () => {
    const exit = lineOf([{ task: 'customers_clean', ...issue }], 1000);
    const causes = {
      Glue: {
        Id: 'jr_1',
        ErrorMessage: `Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 70; SystemExit: ${exit}`,
      },
      EMR: { Step: { Status: { State: 'FAILED', FailureDetails: { Reason: 'Unknown Error.', Message: exit } } } },
      'EMR Serverless': {
        State: 'FAILED',
        StateDetails: `Job failed. ExitCode: 1. Last few exceptions:\n${exit}\n...`,
      },
    };
    for (const [service, cause] of Object.entries(causes)) {
      const { task, issues } = failure(JSON.stringify(cause));
      expect([service, task, issues]).toEqual([service, 'customers_clean', [issue]]);
    }
  });

  test('includes every fault in that text, and the task of the first', () => {
    const first = { task: 'customers', code: 'MR203', path: 'a.csv', message: 'no header', hint: 'add one' };
    const line = lineOf([first, { task: 'regions', code: 'MR204', path: 'b.csv', message: 'no comma' }], 1000);
    const { task, issues } = failure(JSON.stringify({ Id: 'jr_1', ErrorMessage: `SystemExit: ${line}` }));
    expect(task).toBe('customers');
    expect(issues).toEqual([
      { code: 'MR203', path: 'a.csv', message: 'no header', hint: 'add one' },
      { code: 'MR204', path: 'b.csv', message: 'no comma' },
    ]);
  });

  test('says where the log of a silent step is', () => {
    const LogFile = 's3://logs/j-1/steps/s-1/stderr.gz';
    const FailureDetails = { Reason: 'Unknown Error.', LogFile };
    const [shown] = failure(JSON.stringify({ Step: { Status: { FailureDetails } } })).issues;
    expect(shown).toMatchObject({ code: 'MR509', message: 'States.TaskFailed: Unknown Error.' });
    expect(shown!.hint).toContain(`read the log ${LogFile}`);
  });

  test('may be that the job was busy, or took too long', () => {
    expect(failure('Concurrent runs exceeded', 'Glue.ConcurrentRunsExceededException').issues[0]?.code).toBe('MR703');
    expect(failure('', 'States.Timeout').issues[0]?.message).toBe('it took longer than its timeout');
  });

  test('keeps every fault of a function, with place and hint, whatever its texts contain', () => {
    const missing = {
      code: 'MR202',
      path: 's3://raw/a/',
      message: 'none (of a/*.csv); try: x',
      hint: 'put files (any)',
    };
    const issues = [missing, { code: 'MR202', path: 'x', message: 'none: "a"\nor b' }];
    const cause = JSON.stringify({ errorType: 'Millrace.Fault', errorMessage: lineOf(issues, 20_000) });
    expect(failure(cause, 'Millrace.Fault').issues).toEqual(issues);
  });

  test('is the text of a line that was cut within its first issue', () => {
    const cut = lineOf([issue], 1000).slice(0, 40);
    const [first] = failure(JSON.stringify({ Id: 'jr_1', ErrorMessage: cut })).issues;
    expect(first).toMatchObject({ code: 'MR509', message: `States.TaskFailed: ${cut}` });
  });
});

describe('the history of an execution', () => {
  const timestamp = new Date(0);
  const at = timestamp.toISOString();

  test('assigns each event to the state of its branch', () => {
    const events = [
      {
        id: 1,
        previousEventId: 0,
        type: 'TaskStateEntered' as const,
        stateEnteredEventDetails: { name: 'A' },
        timestamp,
      },
      {
        id: 2,
        previousEventId: 0,
        type: 'TaskStateEntered' as const,
        stateEnteredEventDetails: { name: 'B' },
        timestamp,
      },
      { id: 3, previousEventId: 1, type: 'TaskScheduled' as const, timestamp },
      {
        id: 4,
        previousEventId: 3,
        type: 'TaskFailed' as const,
        taskFailedEventDetails: { resourceType: 'glue', resource: 'startJobRun.sync', error: 'E', cause: 'c' },
        timestamp,
      },
    ];
    expect(stepsOf(events)).toEqual([
      { type: 'entered', state: 'A', at },
      { type: 'entered', state: 'B', at },
      { type: 'scheduled', state: 'A', at },
      { type: 'failed', state: 'A', at, error: 'E', cause: 'c' },
    ]);
  });
});
