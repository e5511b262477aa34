import { describe, expect, test } from 'vitest';
import { asMachineFault } from '../../lambdas/shared/fault.ts';
import { answer } from '../../lambdas/trigger/route.ts';
import { claim } from '../../lib/bookmarks/claim.ts';
import type { BookmarkPorts } from '../../lib/bookmarks/ports.ts';
import { emptyState, type PipelineState } from '../../lib/documents/bookmark-state.ts';
import { issuesIn } from '../../lib/documents/issue-line.ts';
import type { WorkOrder } from '../../lib/documents/work-order.ts';
import { MillraceError } from '../../lib/errors.ts';
import { loadPlan } from '../../lib/local/load.ts';
import type { Plan } from '../../lib/plan/schema.ts';
import { TriggerWorld } from '../runs/run-world.ts';

/** Step Functions allows payloads of 262,144 bytes and causes of 32,768 characters. */

const to = { bucket: 'raw', stateMachineArn: 'arn', requestId: 'r', now: new Date('2026-11-21T08:00:00Z') };

function bookmarks(plan: Plan, files: number) {
  const kept: { state: PipelineState; order?: WorkOrder } = { state: emptyState(plan.pipeline) };
  const ports: BookmarkPorts = {
    store: {
      load: async () => kept.state,
      save: async (state) => {
        kept.state = { ...state, revision: state.revision + 1 };
        return kept.state;
      },
    },
    plan: async () => plan,
    inputs: async () => ({
      warnings: [],
      files: Object.fromEntries(
        plan.tasks
          .filter((task) => task.kind === 'ingest')
          .map(({ name }) => [
            name,
            Array.from({ length: files }, (_, i) => {
              const path = `${name}/part-${String(i).padStart(40, '0')}.csv`;
              return { path, uri: `s3://raw/${path}`, etag: String(i), size: i };
            }),
          ]),
      ),
    }),
    present: async (_, state) => state,
    models: async () => new Map(),
    writeOrder: async (order) => {
      kept.order = order;
      return `s3://lake/runs/${order.run}/work.json`;
    },
    order: async () => kept.order,
    outcomes: async () => [],
    alive: async () => true,
    now: () => new Date('2026-11-21T08:00:00Z'),
  };
  return { kept, ports };
}

const request = { pipeline: 'churn', plan: 'p', data: 'd', run: 'r1', holder: 'h' };

describe('a payload that is too large for Step Functions', () => {
  test('20,000 inputs are in the work order, which has megabytes; the claim that names it is small', async () => {
    const { kept, ports } = bookmarks(await loadPlan('churn'), 5000);
    const { claimed } = await claim(request, ports);
    expect(JSON.stringify(kept.order).length).toBeGreaterThan(2_000_000);
    expect(JSON.stringify(claimed).length).toBeLessThan(500);
  });

  test('a plan of too many models is refused before anything is claimed: MR755', async () => {
    const plan = await loadPlan('churn');
    const train = plan.tasks.find((task) => task.kind === 'train')!;
    const models = Array.from({ length: 4000 }, (_, i) => ({ ...train, name: `train_${i}`, model: `model_${i}` }));
    const { kept, ports } = bookmarks({ ...plan, tasks: [...plan.tasks, ...models] }, 1);
    await expect(claim(request, ports)).rejects.toMatchObject({
      issues: [{ code: 'MR755', hint: expect.stringContaining('split the pipeline in two') as string }],
    });
    expect(kept.state).toEqual(emptyState('churn'));
  });

  test('parameters of more than 32 KB do not start a run: MR672', async () => {
    const world = new TriggerWorld();
    const event = { cause: 'manual', parameters: { note: 'x'.repeat(33_000) } };
    await expect(answer(event, to, world)).rejects.toMatchObject({
      issues: [{ code: 'MR672', message: expect.stringContaining('32768') as string }],
    });
    expect(world.executions.size).toBe(0);
  });

  test('a cause lists as many faults as fit, with hints, and how many more there are', async () => {
    const issue = { code: 'MR513', path: 'p'.repeat(1900), message: 'no such file', hint: 'name one' };
    const failed = asMachineFault(async () => {
      throw new MillraceError(Array.from({ length: 30_000 }, () => issue));
    });
    const { name, message, stack } = await failed.catch((error: Error) => error);
    expect(name).toBe('Millrace.Fault');
    const cause = JSON.stringify({ errorType: name, errorMessage: message, trace: stack!.split('\n') });
    expect(cause.length).toBeLessThan(32_768);
    expect(issuesIn(message)).toEqual(Array.from({ length: 10 }, () => issue));
    expect(message).toMatch(/"more":29990}$/);
  });

  test('a fault that is not the user’s is not changed, so that it is retried', async () => {
    const broken = new TypeError('x');
    await expect(asMachineFault(() => Promise.reject(broken))).rejects.toBe(broken);
  });
});

describe('starts that meet a run', () => {
  const schedule = (time: string) => ({ cause: 'schedule', time });

  test('a schedule that fires during a run starts nothing, then or later, and warns: MR754', async () => {
    const world = new TriggerWorld();
    await answer(schedule('2026-11-21T08:00:00Z'), to, world);
    const met = await answer(schedule('2026-11-21T09:00:00Z'), to, world);
    expect(met).toMatchObject({
      outcome: { started: false, why: 'running', remembered: false },
      warnings: [{ code: 'MR754', hint: expect.stringContaining('less often') as string }],
    });
    const run = world.finish()!;
    const end = {
      'detail-type': 'Step Functions Execution Status Change',
      detail: { name: run, stateMachineArn: 'arn', status: 'SUCCEEDED' },
    };
    expect((await answer(end, to, world)).outcome).toEqual({ started: false, why: 'nothing waits' });
    expect(world.executions.size).toBe(1);
    expect((await answer(schedule('2026-11-21T10:00:00Z'), to, world)).outcome).toMatchObject({ started: true });
  });

  test('of two starts by hand at once one succeeds, and the other names it', async () => {
    const world = new TriggerWorld();
    const [one, other] = await Promise.all([
      answer({ cause: 'manual', id: 'a' }, to, world),
      answer({ cause: 'manual', id: 'b' }, to, world),
    ]);
    const warned = [one, other].flatMap(({ warnings = [] }) => warnings);
    expect(warned).toMatchObject([{ code: 'MR754', path: `run ${world.on()[0]}` }]);
    expect(world.wrong).toEqual([]);
  });
});

describe('a wrong clock', () => {
  const created = (id: string, time: string) => ({
    messageId: id,
    eventSource: 'aws:sqs',
    body: JSON.stringify({
      id,
      'detail-type': 'Object Created',
      time,
      detail: { bucket: { name: 'raw' }, object: { key: 'customers/a.csv' } },
    }),
  });

  test.each(['2099-01-01T00:00:00Z', '+275760-09-13T00:00:00.000Z', '-000400-01-01T00:00:00.000Z'])(
    "an event dated %s gives a run with today's name, and the next run can be named",
    async (time) => {
      const world = new TriggerWorld();
      await answer({ Records: [created('a', time)] }, to, world);
      const first = world.finish()!;
      expect(first).toMatch(/^r-(20261121t0800|19700101t0000)\d\d-[0-9a-f]{4}$/);
      await answer({ cause: 'manual' }, { ...to, requestId: 'next' }, world);
      expect(world.on()[0]! > first).toBe(true);
    },
  );
});
