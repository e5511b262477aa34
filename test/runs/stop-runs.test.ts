import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answer } from '../../lambdas/trigger/route.ts';
import type { Arrival, Stop } from '../../lib/runs/run-state.ts';
import { arrived, ended } from '../../lib/runs/start-runs.ts';
import { liftStop, stopRuns } from '../../lib/runs/stop-runs.ts';
import { TriggerWorld } from './run-world.ts';

const stop: Stop = { since: '2026-11-21T08:00:00.000Z', until: '2026-12-01T00:00:00.000Z', by: 'cost@1' };
const arrival = (cause: Arrival['cause'], id: string, waits = cause === 'objects' || cause === 'alarm'): Arrival => ({
  cause,
  ids: [`${cause}:${id}`],
  at: new Date('2026-11-21T08:00:00Z'),
  parameters: {},
  waits,
});
const issue = {
  code: 'MR760',
  path: 'runs of churn',
  message: 'runs are stopped until 2026-12-01T00:00:00.000Z; cost@1 stopped them at 2026-11-21T08:00:00.000Z',
  hint: 'invoke the pipeline\'s respond function with {"liftStop": true, "by": "your name"}, or wait',
};

describe('while runs are stopped', () => {
  test.each(['schedule', 'objects', 'manual', 'alarm'] as const)('no run starts by %s', async (cause) => {
    const world = new TriggerWorld();
    expect(await stopRuns(stop, world)).toBe('stopped');
    const remembered = cause === 'objects' || cause === 'alarm';
    const refused = { started: false, why: 'stopped', until: stop.until, remembered, issue };
    expect(await arrived(arrival(cause, '1'), world)).toEqual(refused);
    expect(world.executions.size).toBe(0);
    expect(world.state.waiting?.events).toBe(remembered ? 1 : undefined);
  });

  test('the trigger answers with the code and the command that lifts the stop, and logs it', async () => {
    const world = new TriggerWorld();
    await stopRuns(stop, world);
    const to = { bucket: 'raw', stateMachineArn: 'arn', requestId: 'r', now: world.now() };
    const manual = await answer({ cause: 'manual' }, to, world);
    expect(manual).toMatchObject({ response: { why: 'stopped', issue }, warnings: [issue] });
    const body = JSON.stringify({
      id: 'e',
      'detail-type': 'Object Created',
      time: '2026-11-21T08:00:00Z',
      detail: { bucket: { name: 'raw' }, object: { key: 'customers/a.csv' } },
    });
    const batch = await answer({ Records: [{ messageId: 'm', body, eventSource: 'aws:sqs' }] }, to, world);
    expect(batch).toMatchObject({ response: { batchItemFailures: [] }, warnings: [issue] });
  });

  test('a current run continues, and none follows it', async () => {
    const world = new TriggerWorld();
    await arrived(arrival('objects', '1'), world);
    const [run] = world.on();
    await stopRuns(stop, world);
    expect(world.on()).toEqual([run]);
    expect(await arrived(arrival('objects', '2'), world)).toMatchObject({ why: 'running', run, remembered: true });
    world.finish();
    expect(await ended(run!, world)).toMatchObject({ started: false, why: 'stopped', remembered: true });
    expect(world.on()).toEqual([]);
    expect(world.state).toMatchObject({ stopped: stop, waiting: { events: 1 } });
  });

  test('a run whose end was not delivered blocks another one', async () => {
    const world = new TriggerWorld();
    await arrived(arrival('objects', '1'), world);
    await stopRuns(stop, world);
    world.finish();
    world.clock += 120_000;
    expect(await arrived(arrival('objects', '2'), world)).toMatchObject({ why: 'stopped' });
    expect(await arrived(arrival('manual', '3'), world)).toMatchObject({ why: 'stopped' });
    expect(world.executions.size).toBe(1);
  });

  test('of two stops, the one that lasts longer counts', async () => {
    const world = new TriggerWorld();
    const longer = { ...stop, until: '2027-01-01T00:00:00.000Z' };
    await stopRuns(stop, world);
    expect([await stopRuns(longer, world), await stopRuns(stop, world)]).toEqual(['stopped', 'stopped before']);
    expect(world.state.stopped).toEqual(longer);
  });
});

describe('a stop ends', () => {
  test('by itself at its time, and one run takes all queued work', async () => {
    const world = new TriggerWorld();
    await stopRuns(stop, world);
    for (const id of ['1', '2']) await arrived(arrival('objects', id), world);
    world.clock = Date.parse(stop.until) - 1;
    expect(await arrived(arrival('manual', '3'), world)).toMatchObject({ why: 'stopped' });
    world.clock += 1;
    expect(await arrived(arrival('schedule', '4'), world)).toMatchObject({ started: true });
    const [run] = world.on();
    expect([...world.runsOf.get('objects:1')!]).toEqual([run]);
    expect([world.state.stopped, world.state.waiting]).toEqual([undefined, undefined]);
  });

  test('by a person, and queued work gets a run at once', async () => {
    const world = new TriggerWorld();
    await stopRuns(stop, world);
    await arrived(arrival('objects', '1'), world);
    const lifted = await liftStop(world);
    expect(lifted).toEqual({ stop, outcome: { started: true, run: world.on()[0] } });
    expect([...world.executions.values()].map(({ input }) => input.cause)).toEqual(['back-pressure']);
    expect(await liftStop(world)).toEqual({ outcome: { started: false, why: 'nothing waits' } });
  });

  test('by a person during a run, and the next run follows it', async () => {
    const world = new TriggerWorld();
    await arrived(arrival('objects', '1'), world);
    await stopRuns(stop, world);
    await arrived(arrival('objects', '2'), world);
    expect(await liftStop(world)).toEqual({ stop, outcome: { started: false, why: 'nothing waits' } });
    const run = world.finish();
    expect(await ended(run!, world)).toMatchObject({ started: true });
  });
});

test('no run is decided after a stop is written, whatever arrives at the same time', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('schedule', 'objects', 'manual', 'end'), { minLength: 1, maxLength: 6 }),
      fc.scheduler(),
      async (list, s) => {
        const world = new TriggerWorld((label) => s.schedule(Promise.resolve(), label));
        let decidedBefore: string | undefined;
        const stopping = stopRuns(stop, world).then((how) => {
          decidedBefore = world.state.running?.input.run;
          return how;
        });
        const come = list.map((cause, i) => {
          if (cause !== 'end') return arrived(arrival(cause, String(i)), world);
          const run = world.finish();
          return run === undefined ? undefined : ended(run, world);
        });
        await s.waitFor(Promise.all([stopping, ...come]));
        expect(await stopping).toBe('stopped');
        // Deliveries repeat: only a run that was decided before may still start.
        const on = world.on();
        expect(on.filter((run) => run !== decidedBefore)).toEqual([]);
        expect(world.wrong).toEqual([]);
        expect(world.state.stopped).toEqual(stop);
      },
    ),
    { numRuns: 300 },
  ));
