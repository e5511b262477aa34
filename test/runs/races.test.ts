import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Arrival } from '../../lib/runs/run-state.ts';
import { arrived, ended } from '../../lib/runs/start-runs.ts';
import { type Chance, Lost, TriggerWorld } from './run-world.ts';

type Step =
  | { step: 'objects'; ids: string[] }
  | { step: 'schedule' | 'alarm'; ids: string[] }
  /** Ends the current run; the event of its end is delivered `deliveries` times. */
  | { step: 'end'; deliveries: number };

const at = new Date('2026-11-21T08:00:00Z');
const numbered = (name: string, from: number, n: number) => Array.from({ length: n }, (_, i) => `${name}${from + i}`);

const few = fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 4 }));
// More than fit into one transaction.
const burst = fc.tuple(fc.nat(120), fc.integer({ min: 90, max: 230 }));
const batch = fc.oneof({ arbitrary: few, weight: 6 }, { arbitrary: burst, weight: 1 });

const steps = fc.array(
  fc.oneof(
    { arbitrary: batch.map(([from, n]): Step => ({ step: 'objects', ids: numbered('o', from, n) })), weight: 4 },
    { arbitrary: fc.nat(3).map((n): Step => ({ step: 'schedule', ids: [`s${n}`] })), weight: 1 },
    { arbitrary: fc.nat(2).map((n): Step => ({ step: 'alarm', ids: [`a${n}`] })), weight: 1 },
    { arbitrary: fc.nat(2).map((deliveries): Step => ({ step: 'end', deliveries })), weight: 3 },
  ),
  { minLength: 1, maxLength: 12 },
);

const chances = fc.infiniteStream(
  fc.oneof(
    { arbitrary: fc.constant<Chance>('good'), weight: 12 },
    { arbitrary: fc.constantFrom<Chance>('fails before', 'fails after'), weight: 1 },
    { arbitrary: fc.constant<Chance>('late'), weight: 2 },
  ),
);

const arrivalOf = (step: Exclude<Step, { step: 'end' }>): Arrival => ({
  cause: step.step,
  ids: step.ids,
  at,
  parameters: step.step === 'alarm' ? { force: ['train'] } : {},
  waits: step.step !== 'schedule',
});

/** Performs all steps concurrently, interleaved by `s`, then redelivers failed ones, until the pipeline is idle. */
async function play(todo: readonly Step[], s: fc.Scheduler, luck: Iterator<Chance>, endsAreDelivered: boolean) {
  const world = new TriggerWorld(
    (label) => s.schedule(Promise.resolve(), label),
    () => luck.next().value as Chance,
  );
  /** Object -> the number of the effect before which it existed. */
  const createdAt = new Map<string, number>();
  const again: (() => Promise<unknown>)[] = [];
  const deliver = (act: () => Promise<unknown>) =>
    act().catch((error: unknown) => {
      if (!(error instanceof Lost) && !String(error).includes('MR673')) throw error;
      again.push(act);
    });
  const deliverEnd = (run: string, times: number) =>
    Promise.all(Array.from({ length: times }, () => deliver(() => ended(run, world))));

  const one = async (step: Step) => {
    await s.schedule(Promise.resolve(), step.step);
    if (step.step === 'end') {
      const run = world.finish();
      // EventBridge delivers at least once, or the event is lost.
      if (run !== undefined) await deliverEnd(run, endsAreDelivered ? Math.max(1, step.deliveries) : 0);
      return;
    }
    const arrival = arrivalOf(step);
    for (const id of step.step === 'objects' ? step.ids : []) {
      if (!createdAt.has(id)) createdAt.set(id, world.tick);
    }
    await deliver(() => arrived(arrival, world));
  };
  const all = (tasks: readonly (() => Promise<unknown>)[]) => s.waitFor(Promise.all(tasks.map((task) => task())));

  await all(todo.map((step) => () => one(step)));
  world.chance = () => 'good';
  for (
    let round = 0;
    again.length > 0 || world.on().length > 0 || world.state.running || world.state.waiting;
    round++
  ) {
    if (round > 60) throw new Error(`no rest: ${JSON.stringify(world.state)}`);
    await all(again.splice(0).map((act) => () => deliver(act)));
    const run = world.finish();
    if (endsAreDelivered) {
      if (run !== undefined) await all([() => deliverEnd(run, 1)]);
    } else {
      // No end is delivered: the next object after a minute detects it.
      world.clock += 60_000;
      const id = `late${round}`;
      if (world.state.waiting || world.on().length > 0) {
        createdAt.set(id, world.tick);
        await all([() => deliver(() => arrived(arrivalOf({ step: 'objects', ids: [id] }), world))]);
      } else break;
    }
  }
  return { world, createdAt, deliver, all };
}

const always = (
  endsAreDelivered: boolean,
  check: (played: Awaited<ReturnType<typeof play>>, todo: Step[]) => unknown,
) =>
  fc.assert(
    fc.asyncProperty(steps, fc.scheduler(), chances, async (todo, s, luck) => {
      await check(await play(todo, s, luck, endsAreDelivered), todo);
    }),
    { numRuns: 400 },
  );

describe.each([
  ['if ends are delivered, some of them twice', true],
  ['if no end is delivered', false],
])('%s', (_, endsAreDelivered) => {
  test('two runs never overlap, and no two runs have the same name', () =>
    always(endsAreDelivered, ({ world }) => {
      expect(world.wrong).toEqual([]);
      const names = [...world.executions.keys()];
      expect(names).toEqual([...names].sort());
    }));

  test('every object is followed by a run that starts after it', () =>
    always(endsAreDelivered, ({ world, createdAt }) => {
      const lastStart = Math.max(-1, ...[...world.executions.values()].map(({ startedAt }) => startedAt));
      for (const [id, tick] of createdAt) expect(lastStart, id).toBeGreaterThan(tick);
    }));

  test('no event starts two runs, and no run starts without an event', () =>
    always(endsAreDelivered, ({ world }) => {
      for (const [event, runs] of world.runsOf) expect(runs.size, event).toBeLessThanOrEqual(1);
      const reasons = new Set([...world.runsOf.values()].flatMap((runs) => [...runs]));
      for (const run of world.executions.keys()) expect(reasons).toContain(run);
    }));

  test('a second delivery of everything starts nothing', () =>
    always(endsAreDelivered, async ({ world, deliver, all }, todo) => {
      const before = [...world.executions.keys()];
      await all(
        todo.flatMap((step) => (step.step === 'end' ? [] : [() => deliver(() => arrived(arrivalOf(step), world))])),
      );
      await all(before.map((run) => () => deliver(() => ended(run, world))));
      expect([...world.executions.keys()]).toEqual(before);
    }));
});
