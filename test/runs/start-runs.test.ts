import { describe, expect, test } from 'vitest';
import type { Arrival } from '../../lib/runs/run-state.ts';
import { arrived, ended } from '../../lib/runs/start-runs.ts';
import { Lost, TriggerWorld } from './run-world.ts';

const at = new Date('2026-11-21T07:59:30Z');

const objects = (...ids: string[]): Arrival => ({ cause: 'objects', ids, at, parameters: {}, waits: true });
const schedule = (id: string): Arrival => ({ cause: 'schedule', ids: [id], at, parameters: {}, waits: false });
const retrain = (id: string): Arrival => ({
  cause: 'alarm',
  ids: [id],
  at,
  parameters: { force: ['train'] },
  waits: true,
});
const many = (n: number, name = 'o') => Array.from({ length: n }, (_, i) => `${name}${i}`);

/** Ends runs until none is left, and delivers each end once. Returns the causes of all runs. */
async function runOut(world: TriggerWorld): Promise<string[]> {
  for (let run = world.finish(); run !== undefined; run = world.finish()) await ended(run, world);
  return [...world.executions.values()].map(({ input }) => input.cause);
}

describe('the trigger', () => {
  test('names the runs of two pipelines differently that one schedule starts at once', async () => {
    const names = await Promise.all(
      ['churn', 'fraud'].map(async (pipeline) => {
        const world = new TriggerWorld();
        Object.assign(world.target, { pipeline });
        await arrived(schedule('schedule:2026-11-21T08:00:00.000Z'), world);
        return [...world.executions.values()][0]!.input.run;
      }),
    );
    expect(new Set(names).size).toBe(2);
  });

  test('starts a run with all input of the state machine', async () => {
    const world = new TriggerWorld();
    const outcome = await arrived({ ...schedule('s1'), parameters: { snapshot_date: '2025-06-30' } }, world);
    expect(outcome).toEqual({ started: true, run: expect.stringMatching(/^r-20261121t075930-[0-9a-f]{4}$/) });
    expect([...world.executions.values()].map(({ input }) => input)).toEqual([
      {
        run: [...world.executions.keys()][0],
        pipeline: 'churn',
        cause: 'schedule',
        plan: 's3://artefacts/plan.json',
        root: 's3://lake',
        data: 's3://raw',
        parameters: { snapshot_date: '2025-06-30' },
      },
    ]);
  });

  test('starts one run for a burst of 10,000 objects delivered at once', async () => {
    const world = new TriggerWorld();
    await arrived(objects(...many(10_000)), world);
    expect(await runOut(world)).toEqual(['objects']);
    expect(world.runsOf.size).toBe(10_000);
  });

  test('starts two runs for 10,000 objects in batches of ten: one for the first, one for all others', async () => {
    const world = new TriggerWorld();
    const ids = many(10_000);
    for (let i = 0; i < ids.length; i += 10) await arrived(objects(...ids.slice(i, i + 10)), world);
    expect(world.state.waiting?.events).toBe(9_990);
    expect(await runOut(world)).toEqual(['objects', 'back-pressure']);
  });

  test('checks the state machine at most once a minute while objects arrive', async () => {
    const world = new TriggerWorld();
    for (const id of many(600)) {
      await arrived(objects(id), world);
      world.clock += 500;
    }
    expect(world.calls.filter((call) => call === 'status').length).toBe(4);
  });

  test('skips a schedule event during a run, and does not repeat it later', async () => {
    const world = new TriggerWorld();
    const { run } = (await arrived(objects('o1'), world)) as { run: string };
    expect(await arrived(schedule('s1'), world)).toEqual({ started: false, why: 'running', run, remembered: false });
    expect(await runOut(world)).toEqual(['objects']);
    expect(await arrived(schedule('s1'), world)).toEqual({ started: false, why: 'seen' });
    expect(await arrived(schedule('s2'), world)).toMatchObject({ started: true });
  });

  test('remembers an object that arrives during a run, even if the end of that run is not delivered', async () => {
    const world = new TriggerWorld();
    await arrived(objects('o1'), world);
    expect(await arrived(objects('o2'), world)).toMatchObject({ started: false, why: 'running', remembered: true });
    world.finish();
    world.clock += 59_000;
    expect(await arrived(objects('o3'), world)).toMatchObject({ started: true });
    expect(world.runsOf.get('o2')).toEqual(world.runsOf.get('o3'));
    expect(await runOut(world)).toEqual(['objects', 'objects']);
  });

  test('detects the end of a run by a repeated event, and starts the queued run', async () => {
    const world = new TriggerWorld();
    await arrived(objects('o1'), world);
    await arrived(objects('o2'), world);
    world.finish();
    expect(await arrived(objects('o2'), world)).toMatchObject({ started: true });
    expect(await runOut(world)).toEqual(['objects', 'back-pressure']);
  });

  test('passes a training request during a run to the next run', async () => {
    const world = new TriggerWorld();
    await arrived(objects('o1'), world);
    await arrived(retrain('a1'), world);
    await arrived(objects('o2'), world);
    await runOut(world);
    expect([...world.executions.values()].map(({ input }) => input.parameters)).toEqual([{}, { force: ['train'] }]);
  });

  test('starts nothing for a repeated delivery', async () => {
    const world = new TriggerWorld();
    await arrived(objects('o1', 'o2'), world);
    await runOut(world);
    expect(await arrived(objects('o2', 'o1', 'o2'), world)).toEqual({ started: false, why: 'seen' });
    expect(await arrived(objects('o2', 'o3'), world)).toMatchObject({ started: true });
    expect(world.executions.size).toBe(2);
  });

  test('starts nothing for an end delivered twice, or of a run that it did not start', async () => {
    const world = new TriggerWorld();
    const { run } = (await arrived(objects('o1'), world)) as { run: string };
    await arrived(objects('o2'), world);
    world.finish();
    expect(await ended(run, world)).toMatchObject({ started: true });
    expect(await ended(run, world)).toEqual({ started: false, why: 'over' });
    expect(await ended('by-hand', world)).toEqual({ started: false, why: 'over' });
    expect(world.executions.size).toBe(2);
    expect(world.wrong).toEqual([]);
  });

  test('starts a decided run on the second delivery, under the same name, if the first delivery failed', async () => {
    const world = new TriggerWorld();
    const chances = ['good', 'good', 'fails before'] as const; // read, write, start
    let call = 0;
    world.chance = () => chances[call++] ?? 'good';
    await expect(arrived(objects('o1'), world)).rejects.toThrow(Lost);
    expect(world.executions.size).toBe(0);
    const decided = world.state.running!.input.run;
    expect(await arrived(objects('o1'), world)).toEqual({ started: true, run: decided });
    expect([...world.executions.keys()]).toEqual([decided]);
  });

  test('gives up if other writers are always faster, so that the event is delivered again', async () => {
    const world = new TriggerWorld();
    const write = world.write;
    world.write = (to, events) => write({ ...to, revision: 99 }, events);
    await expect(arrived(objects('o1'), world)).rejects.toThrow('MR673');
  });
});
