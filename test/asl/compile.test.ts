import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { stateMachine } from '../../lib/asl/compile.ts';
import { execute, type ResourceCall, StatesError } from '../../lib/asl/interpreter/index.ts';
import type { Graph, Json, Machine, State } from '../../lib/asl/machine.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { planSchema } from '../../lib/plan/schema.ts';
import { World } from './world.ts';

const golden = path.join(projectFolder, 'contracts', 'golden', 'churn.plan.json');
const machine = stateMachine(planSchema.parse(JSON.parse(readFileSync(golden, 'utf8')))) as unknown as Machine;

const glue = 'arn:aws:states:::glue:startJobRun.sync';
const lambda = 'arn:aws:states:::lambda:invoke';
type Answer = (call: ResourceCall) => Json;

/** Runs the churn machine with what its two services answer. */
async function walk(
  order: { stages: string[]; trains: Json[] },
  verdict: Json,
  stage: Answer = () => ({ JobRunState: 'SUCCEEDED' }),
) {
  const world = new World({ [glue]: stage, [lambda]: () => ({ StatusCode: 200, Payload: verdict }) });
  const done = await execute(machine, { run: 'r1', plan: 'p', work: 'w', root: '/lake', ...order }, world);
  return { done, ran: done.trail.filter((name) => ['build', 'predict'].includes(name)), world };
}

const candidate = { model: 'churn', version: 1, gate: { auc: 0.75 } };
const promoted = { model: 'churn', version: 1, verdict: 'promote', reason: 'good', usable: true };
const held = (usable: boolean) => ({ ...promoted, verdict: 'hold', reason: 'AUC 0.6', usable });

describe('the machine of the churn pipeline', () => {
  test('has a timeout, retries with jitter and a catch on every Task', () => {
    const tasks: [string, State & { Type: 'Task' }, boolean][] = [];
    const visit = (graph: Graph, covered: boolean) => {
      for (const [name, state] of Object.entries(graph.States)) {
        if (state.Type === 'Task') tasks.push([name, state, covered]);
        // What fails inside a Map is caught by the Map's own Catch.
        if (state.Type === 'Map') visit(state.ItemProcessor, (state.Catch ?? []).length > 0);
      }
    };
    visit(machine, false);
    expect(tasks.length).toBeGreaterThan(2);
    for (const [name, state, covered] of tasks) {
      expect([name, typeof state.TimeoutSeconds]).toEqual([name, 'number']);
      expect([name, state.Retry?.some((retrier) => retrier.JitterStrategy === 'FULL')]).toEqual([name, true]);
      expect([name, covered || (state.Catch ?? []).some((c) => c.ErrorEquals.includes('States.ALL'))]).toEqual([
        name,
        true,
      ]);
    }
  });

  test('leads every state to one that exists', () => {
    const text = JSON.stringify(machine);
    for (const [, next] of text.matchAll(/"(?:Next|Default)":"([^"]+)"/g))
      expect(Object.keys(machine.States)).toContain(next);
  });

  test('builds, judges and predicts where all is new', async () => {
    const { done, ran, world } = await walk({ stages: ['build', 'predict'], trains: [candidate] }, promoted);
    expect(done).toMatchObject({ status: 'SUCCEEDED', output: { run: 'r1', verdicts: [promoted] } });
    expect(ran).toEqual(['build', 'predict']);
    expect(world.calls[0]!.arguments).toMatchObject({
      Arguments: { '--stage': 'build', '--run': 'r1', '--root': '/lake' },
    });
  });

  test('asks no gate where nothing was trained', async () => {
    const { done, ran, world } = await walk({ stages: ['build'], trains: [] }, null);
    expect([done.status, ran, world.calls.length]).toEqual(['SUCCEEDED', ['build'], 1]);
    expect((await walk({ stages: ['predict'], trains: [] }, null)).ran).toEqual(['predict']);
  });

  test('a held model fails the run; what is live still scores, and where nothing is, nothing does', async () => {
    const none = await walk({ stages: ['build', 'predict'], trains: [candidate] }, held(false));
    expect([none.done, none.ran]).toMatchObject([
      { status: 'FAILED', error: 'QualityGate', cause: 'churn v1: AUC 0.6' },
      ['build'],
    ]);
    const older = await walk({ stages: ['build', 'predict'], trains: [candidate] }, held(true));
    expect([older.done, older.ran]).toMatchObject([{ status: 'FAILED', error: 'QualityGate' }, ['build', 'predict']]);
  });

  test('a fault of the input is not tried again, a lost worker is, and what Glue says of itself more often', async () => {
    const failing = (error: string, times: number): Answer => {
      let n = 0;
      return () => {
        if (n++ < times) throw new StatesError(error, 'no');
        return {};
      };
    };
    const count = async (error: string, times: number) => {
      const { done, world } = await walk({ stages: ['build'], trains: [] }, null, failing(error, times));
      return [done.status, world.calls.length];
    };
    expect(await count('Millrace.Fault', 9)).toEqual(['FAILED', 1]);
    expect(await count('States.TaskFailed', 1)).toEqual(['SUCCEEDED', 2]);
    expect(await count('States.TaskFailed', 9)).toEqual(['FAILED', 2]);
    expect(await count('Glue.ConcurrentRunsExceededException', 4)).toEqual(['SUCCEEDED', 5]);
  });

  test('a stage that fails ends with its error and its cause', async () => {
    const { done } = await walk({ stages: ['build'], trains: [] }, null, () => {
      throw new StatesError('Millrace.Fault', 'MR302 a gap');
    });
    expect(done).toMatchObject({ status: 'FAILED', error: 'Millrace.Fault', cause: 'MR302 a gap' });
  });
});
