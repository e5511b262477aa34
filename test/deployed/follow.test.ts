import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { follow, ProgressReporter } from '../../lib/deployed/follow.ts';
import { documentOf } from '../../lib/deployed/run-document.ts';
import { lineOf } from '../../lib/documents/issue-line.ts';
import { runDocument } from '../../lib/documents/run-document.ts';
import type { RunEvent } from '../../lib/local/events.ts';
import { badRun, goodRun, type Moment, order, plan, run, seenAfter } from './world.ts';

/** The events reported if the run is polled after these numbers of moments. */
function eventsSeen(moments: readonly Moment[], looks: readonly number[]): RunEvent[] {
  const reporter = new ProgressReporter(plan, run);
  return looks.flatMap((count) =>
    reporter.report(seenAfter(moments, count)).filter((event): event is RunEvent => 'type' in event),
  );
}

const textOf = (event: RunEvent): string => {
  if (event.type === 'task.done') return `done ${event.result.task}`;
  if (event.type === 'task.start' || event.type === 'task.failed') return `${event.type.slice(5)} ${event.task}`;
  return event.type;
};

const everyMoment = (moments: readonly Moment[]) => moments.map((_, i) => i + 1);

describe('watching a deployed run', () => {
  test('reports each event once and in order, however rarely it polls', () => {
    const good = goodRun();
    const often = eventsSeen(good, everyMoment(good)).map(textOf);
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: good.length - 1 })), (looks) => {
        const seldom = eventsSeen(good, [...looks.sort((a, b) => a - b), good.length]).map(textOf);
        expect(new Set(seldom).size).toBe(seldom.length);
        expect([...seldom].sort()).toEqual([...often].sort());
        const done = (list: string[]) => list.filter((text) => !text.startsWith('start'));
        expect(done(seldom)).toEqual(done(often));
        for (const { task } of order.items) {
          expect(seldom.indexOf(`start ${task}`)).toBeLessThan(seldom.indexOf(`done ${task}`));
        }
      }),
    );
  });

  test('begins with what there is to do, and reports the gate before scoring', () => {
    const good = goodRun();
    const texts = eventsSeen(good, [good.length]).map(textOf);
    expect(texts[0]).toBe('run.start');
    expect(texts.indexOf('verdict')).toBeGreaterThan(texts.indexOf('done train_churn'));
    expect(texts.indexOf('verdict')).toBeLessThan(texts.indexOf('done predictions'));
    expect(texts.filter((text) => text === 'verdict').length).toBe(1);
  });

  test('reports retries, and the task that failed in the end', () => {
    const bad = badRun('customers_clean', '{"Id":"jr_1","ErrorMessage":"SystemExit: 1"}');
    for (const looks of [everyMoment(bad), [bad.length], [3, bad.length]]) {
      const events = eventsSeen(bad, looks);
      expect(events.filter(({ type }) => type === 'retry')).toEqual([
        { type: 'retry', state: 'build', attempt: 1, error: 'States.TaskFailed' },
      ]);
      expect(events.at(-1)).toMatchObject({ type: 'task.failed', task: 'customers_clean' });
    }
  });

  test('ends with the same document as a local run', async () => {
    const good = goodRun();
    let count = 0;
    const events: RunEvent[] = [];
    const now = () => seenAfter(good, count);
    const document = await follow({
      plan,
      run,
      // Unknown at first, like just after its start.
      ports: {
        execution: async () => (count < 2 ? undefined : now().execution),
        steps: async () => [...now().steps],
        order: async () => now().order,
        outcomes: async () => [...now().outcomes],
        engineLog: async () => '',
      },
      emit: (event) => events.push(event),
      pause: async () => {
        count++;
      },
    });
    expect(runDocument.parse(document)).toMatchObject({ run, status: 'succeeded', seconds: 60, issues: [] });
    expect(document.tasks.map(({ task }) => task)).toEqual(plan.tasks.map(({ name }) => name));
    expect(document.phases.map(({ name }) => name)).toEqual(plan.stages.map(({ name }) => `stage ${name}`));
    expect(events.at(-1)).toEqual({ type: 'run.done', document });
  });
});

describe('how it ended', () => {
  const ended = (execution: Moment['execution']) => {
    const moments = [...goodRun().slice(0, -1), { execution: { ...execution, stoppedAt: '2026-11-21T09:01:00.000Z' } }];
    return documentOf(plan, seenAfter(moments, moments.length));
  };

  const none = { code: 'MR202', path: 's3://x/', message: 'no objects', hint: 'put some' };

  test.each([
    [{ status: 'SUCCEEDED', output: '{"run":"r"}' }, 'succeeded', undefined],
    [{ status: 'SUCCEEDED', output: '{"run":"r","nothing":true}' }, 'nothing to do', undefined],
    [{ status: 'FAILED', error: 'QualityGate', cause: 'churn v1: AUC 0.5' }, 'held', 'MR407'],
    [{ status: 'FAILED', error: 'Millrace.Fault', cause: lineOf([none], 1000) }, 'failed', 'MR202'],
    [{ status: 'TIMED_OUT' }, 'failed', 'MR509'],
    [{ status: 'ABORTED' }, 'failed', 'MR509'],
  ] as const)('%j is %s', (execution, status, code) => {
    const document = ended(execution);
    expect(document.status).toBe(status);
    expect(document.issues[0]?.code).toBe(code);
  });
});
