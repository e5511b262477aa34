import { describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { spentLine, spentOn } from '../../lib/cli/spent.ts';
import { usageOf } from '../../lib/deployed/billed-usage.ts';
import type { Step } from '../../lib/deployed/ports.ts';
import { documentOf } from '../../lib/deployed/run-document.ts';
import { goodRun, plan, run, seenAfter } from './world.ts';

const at = '2026-11-21T08:00:00.000Z';
const exited = (state: string, output: object | string): Step => ({
  type: 'exited',
  state,
  at,
  output: typeof output === 'string' ? output : JSON.stringify(output),
});

describe('the usage of a deployed run', () => {
  test('is what Glue bills by stage, including failed attempts', () => {
    const failed: Step = { type: 'failed', state: 'build', at, error: 'x', cause: JSON.stringify({ DPUSeconds: 90 }) };
    const steps = [failed, exited('build', { DPUSeconds: 310.5 }), exited('predict', { DPUSeconds: 60 })];
    expect(usageOf(plan, run, steps)).toEqual({
      run,
      from: 'glue',
      stages: [
        { stage: 'build', dpuSeconds: 400.5 },
        { stage: 'predict', dpuSeconds: 60 },
      ],
    });
  });

  test('is all workers for the whole time, if Glue gives no details', () => {
    const job = { ExecutionTime: 100, WorkerType: 'G.2X', NumberOfWorkers: 3 };
    expect(usageOf(plan, run, [exited('build', job)])?.stages).toEqual([{ stage: 'build', dpuSeconds: 600 }]);
  });

  test('is absent if no job run has ended, and for other states', () => {
    const other = [exited('Claim', { DPUSeconds: 5 }), exited('build', 'no JSON'), exited('predict', 'null')];
    expect(usageOf(plan, run, other)).toBeUndefined();
  });
});

describe('the cost of a run', () => {
  const whole = (read: number) => {
    const document = documentOf(plan, seenAfter(goodRun(), goodRun().length));
    return { ...document, tasks: document.tasks.map((task) => ({ ...task, mode: 'full' as const, read })) };
  };
  const steps = [exited('build', { DPUSeconds: 3000 }), exited('predict', { DPUSeconds: 600 })];

  test('is compared with the forecast for as many rows, if it was a full run', () => {
    const spent = spentOn(whole(50_000), plan, steps, environments.prod, [])!;
    // One DPU-hour.
    expect(spent.actual).toBeCloseTo(0.44, 2);
    expect(spent.forecast).toBeGreaterThan(0.05);
    expect(spent.ratio).toBeCloseTo(spent.actual / spent.forecast, 9);
    expect(spentLine(spent)).toMatch(
      /^used {2}1\.000 DPU hours of Glue, \$0\.44\d?; forecast for as many rows \$\d\.\d+: ratio \d+\.\d\d\n$/,
    );
  });

  test('has no comparison for an incremental run', () => {
    const { tasks, ...document } = whole(50_000);
    const some = { ...document, tasks: tasks.map((task) => ({ ...task, mode: 'incremental' as const })) };
    expect(spentLine(spentOn(some, plan, steps, environments.prod, [])!)).toMatch(
      /^used {2}1\.000 DPU hours of Glue, \$0\.44\d?\n$/,
    );
  });

  test('is not reported for a region without prices', () => {
    const elsewhere = { ...environments.prod, region: 'ap-south-1' };
    expect(spentOn(whole(50_000), plan, steps, elsewhere, [])).toBeUndefined();
  });
});
