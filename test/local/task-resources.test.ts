import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ResourceCall } from '../../lib/asl/interpreter/index.ts';
import { stateMachine } from '../../lib/asl/state-machine.ts';
import { substitutionsIn } from '../../lib/constructs/pipeline/substitutions.ts';
import { bookmarkFiles } from '../../lib/local/bookmark-ports.ts';
import { Clock, type RunEvent } from '../../lib/local/events.ts';
import { Root } from '../../lib/local/root.ts';
import { localPorts, type RunProgress, substituted } from '../../lib/local/task-resources.ts';
import { compile } from '../../lib/plan/compile.ts';
import { small, smallSql } from '../plan/pipelines.ts';
import { churnOn } from '../stacks/synthesised.ts';
import { complains, prints, standInPython } from './stand-in-python.ts';

const python = standInPython();
const plan = compile(small, smallSql, 'pipelines/small/pipeline.ts').plan!;

async function localRun(check = false) {
  const root = new Root(await mkdtemp(path.join(tmpdir(), 'millrace-resources-')));
  await mkdir(path.join(root.run(plan.pipeline, 'r-1'), 'logs'), { recursive: true });
  const events: RunEvent[] = [];
  const checked: string[] = [];
  const progress: RunProgress = { tasks: [], failed: [], models: [], unchanged: [], verdicts: [], issues: [] };
  const ports = localPorts({
    options: { plan, root, engine: 'sail', emit: (event) => void events.push(event) },
    run: 'r-1',
    bookmarks: bookmarkFiles(root, plan),
    progress,
    clock: new Clock(new Date()),
    check,
    whenChecked: async () => void checked.push('checked'),
    whenClaimed: () => undefined,
  });
  const call = (resource: string, given: unknown) =>
    ports.invoke({ resource, arguments: given, signal: new AbortController().signal } as ResourceCall);
  const stage = () =>
    call('arn:aws:states:::glue:startJobRun.sync', { JobName: 'x', Arguments: { '--stage': 'build', '--run': 'r-1' } });
  return { root, progress, events, checked, call, stage };
}

const nothing = { aggregated: {}, deduplicated: 0, filtered: {}, quarantined: {}, lookups: {}, warnings: [] };
const done = {
  ...{ event: 'task.done', task: 'people', kind: 'ingest', stage: 'build', mode: 'full', seconds: 1 },
  ...{ version: 3, rewritten: false, consumed: {}, read: 5, written: 5, ...nothing },
};

describe('the state machine on this machine', () => {
  test('has local names for the functions and the Glue job', () => {
    const machine = stateMachine(churnOn('glue', 'glue'));
    expect(substitutionsIn(machine)).toEqual(['BookmarksFunction', 'GlueJob', 'Partition', 'QualityFunction']);
    expect(substitutionsIn(substituted(machine))).toEqual([]);
  });

  test('calls no other service or function', async () => {
    const { call } = await localRun();
    expect(() => call('arn:aws:states:::sns:publish', {})).toThrow('this machine has no arn:aws:states:::sns:publish');
    const unknown = call('arn:aws:states:::lambda:invoke', { FunctionName: 'other', Payload: {} });
    await expect(unknown).rejects.toMatchObject({ error: 'Lambda.ResourceNotFoundException' });
  });
});

describe('a stage', () => {
  test('reports the outcome of each task once', async () => {
    await python.says(prints(done), prints(done));
    const { stage, progress, events } = await localRun();
    expect(await stage()).toEqual({ JobRunState: 'SUCCEEDED' });
    expect(progress.tasks).toMatchObject([
      { task: 'people', read: 5, table: { layer: 'bronze', version: 3, rows: 5 } },
    ]);
    expect(events.map(({ type }) => type)).toEqual(['task.done']);
  });

  test('does not count a training without new rows as a finished task', async () => {
    await python.says(prints({ ...done, task: 'train_stays', kind: 'train', unchanged: 'the same rows' }));
    const { stage, progress } = await localRun();
    await stage();
    expect([progress.tasks, progress.unchanged]).toEqual([[], [{ task: 'train_stays', why: 'the same rows' }]]);
  });

  test('with a failed task fails with its issues', async () => {
    const issue = { code: 'MR306', path: 'people', message: 'a row cannot be cast', hint: 'add a rule' };
    await python.says(prints({ event: 'task.failed', task: 'people', issues: [issue] }), 'exit 1');
    const { stage, progress, events } = await localRun();
    await expect(stage()).rejects.toMatchObject({
      error: 'Millrace.Fault',
      cause: expect.stringContaining('"code":"MR306"'),
    });
    expect(progress).toMatchObject({ failed: ['people'], issues: [issue] });
    expect(events).toEqual([{ type: 'task.failed', task: 'people', issues: [issue] }]);
  });

  test('that ends before its first event reports the issues in its last line', async () => {
    const line = 'millrace-issues:{"issues":[{"code":"MR343","path":"plan","message":"another version"}]}';
    await python.says(complains(line), 'exit 1');
    const { stage, progress } = await localRun();
    await expect(stage()).rejects.toMatchObject({ error: 'Millrace.Fault' });
    expect(progress.issues).toEqual([{ code: 'MR343', path: 'plan', message: 'another version' }]);
  });

  test.each([
    ['a full disk', 'OSError: [Errno 28] No space left on device', 'MR501'],
    ['a package that its environment lacks', "ModuleNotFoundError: No module named 'pyarrow'", 'MR505'],
  ])('that ends because of %s gives that reason', async (_, last, code) => {
    await python.says(complains(last), 'exit 1');
    const { stage, progress } = await localRun();
    await expect(stage()).rejects.toMatchObject({ error: 'Millrace.Fault' });
    expect(progress.issues).toMatchObject([{ code }]);
  });

  test('that dies for an unknown reason may be retried, and names its log', async () => {
    await python.says(complains('Segmentation fault'), 'kill -9 $$');
    const { stage, root } = await localRun();
    const log = path.join(root.run(plan.pipeline, 'r-1'), 'logs', 'build.log');
    await expect(stage()).rejects.toMatchObject({
      error: 'States.TaskFailed',
      cause: `the engine ended by SIGKILL in stage build (${log}): Segmentation fault`,
    });
  });

  test('checks SQL first if it is unchecked, and remembers only correct SQL', async () => {
    await python.says('case "$*" in *--check*) ;; *) exit 9;; esac', prints({ event: 'check.done', issues: [] }));
    const right = await localRun(true);
    await right.stage();
    expect(right.checked).toEqual(['checked']);
    const issue = {
      code: 'MR301',
      path: 'pipelines/small/people_clean.sql',
      message: 'no column towm',
      column: 'born',
    };
    await python.says(prints({ event: 'check.done', issues: [issue] }), 'exit 1');
    const wrong = await localRun(true);
    await expect(wrong.stage()).rejects.toMatchObject({ error: 'Millrace.Fault' });
    expect(wrong.checked).toEqual([]);
    // At the output column in the issue of the engine.
    expect(wrong.progress.issues).toMatchObject([
      { code: 'MR301', path: expect.stringMatching(/people_clean\.sql:1:\d+/) },
    ]);
  });
});
