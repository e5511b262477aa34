import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Arrival } from '../../lib/runs/run-state.ts';
import { arrived, ended } from '../../lib/runs/start-runs.ts';
import { type Chance, Lost, TriggerWorld } from './run-world.ts';

type Step =
  | { step: 'objects'; ids: string[] }
  | { step: 'schedule' | 'alarm'; ids: string[] }
  /** The run that is on ends, which is told so many times. */
  | { step: 'end'; told: number };

const at = new Date('2026-11-21T08:00:00Z');
const numbered = (name: string, from: number, n: number) => Array.from({ length: n }, (_, i) => `${name}${from + i}`);

const few = fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 4 }));
// More than one transaction takes.
const burst = fc.tuple(fc.nat(120), fc.integer({ min: 90, max: 230 }));
const batch = fc.oneof({ arbitrary: few, weight: 6 }, { arbitrary: burst, weight: 1 });

const steps = fc.array(
  fc.oneof(
    { arbitrary: batch.map(([from, n]): Step => ({ step: 'objects', ids: numbered('o', from, n) })), weight: 4 },
    { arbitrary: fc.nat(3).map((n): Step => ({ step: 'schedule', ids: [`s${n}`] })), weight: 1 },
    { arbitrary: fc.nat(2).map((n): Step => ({ step: 'alarm', ids: [`a${n}`] })), weight: 1 },
    { arbitrary: fc.nat(2).map((told): Step => ({ step: 'end', told })), weight: 3 },
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

/** Does all steps at once, interleaved by `s`, then delivers again what failed, until the pipeline is at rest. */
async function play(todo: readonly Step[], s: fc.Scheduler, luck: Iterator<Chance>, endsAreTold: boolean) {
  const world = new TriggerWorld(
    (label) => s.schedule(Promise.resolve(), label),
    () => luck.next().value as Chance,
  );
  /** Object -> the effect before which it was there. */
  const createdAt = new Map<string, number>();
  const again: (() => Promise<unknown>)[] = [];
  const deliver = (act: () => Promise<unknown>) =>
    act().catch((error: unknown) => {
      if (!(error instanceof Lost) && !String(error).includes('MR673')) throw error;
      again.push(act);
    });
  const tell = (run: string, times: number) =>
    Promise.all(Array.from({ length: times }, () => deliver(() => ended(run, world))));

  const one = async (step: Step) => {
    await s.schedule(Promise.resolve(), step.step);
    if (step.step === 'end') {
      const run = world.finish();
      // EventBridge tells at least once, or else the telling is lost for good.
      if (run !== undefined) await tell(run, endsAreTold ? Math.max(1, step.told) : 0);
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
    if (endsAreTold) {
      if (run !== undefined) await all([() => tell(run, 1)]);
    } else {
      // Nobody tells of ends: the next object that comes after a minute finds out.
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

const always = (endsAreTold: boolean, check: (played: Awaited<ReturnType<typeof play>>, todo: Step[]) => unknown) =>
  fc.assert(
    fc.asyncProperty(steps, fc.scheduler(), chances, async (todo, s, luck) => {
      await check(await play(todo, s, luck, endsAreTold), todo);
    }),
    { numRuns: 400 },
  );

describe.each([
  ['when ends are told, some of them twice', true],
  ['when no end is ever told', false],
])('%s', (_, endsAreTold) => {
  test('two runs are never on at once, and a name never stands for two runs', () =>
    always(endsAreTold, ({ world }) => {
      expect(world.wrong).toEqual([]);
      const names = [...world.executions.keys()];
      expect(names).toEqual([...names].sort());
    }));

  test('every object is followed by a run that starts after it', () =>
    always(endsAreTold, ({ world, createdAt }) => {
      const lastStart = Math.max(-1, ...[...world.executions.values()].map(({ startedAt }) => startedAt));
      for (const [id, tick] of createdAt) expect(lastStart, id).toBeGreaterThan(tick);
    }));

  test('no event makes two runs start, and none starts without one', () =>
    always(endsAreTold, ({ world }) => {
      for (const [event, runs] of world.runsOf) expect(runs.size, event).toBeLessThanOrEqual(1);
      const reasons = new Set([...world.runsOf.values()].flatMap((runs) => [...runs]));
      for (const run of world.executions.keys()) expect(reasons).toContain(run);
    }));

  test('delivering everything once more starts nothing', () =>
    always(endsAreTold, async ({ world, deliver, all }, todo) => {
      const before = [...world.executions.keys()];
      await all(
        todo.flatMap((step) => (step.step === 'end' ? [] : [() => deliver(() => arrived(arrivalOf(step), world))])),
      );
      await all(before.map((run) => () => deliver(() => ended(run, world))));
      expect([...world.executions.keys()]).toEqual(before);
    }));
});
