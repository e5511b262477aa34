import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { execute, type ResourceCall, StatesError } from '../../lib/asl/interpreter/index.ts';
import type { Json, Machine } from '../../lib/asl/machine.ts';
import { stateMachine } from '../../lib/asl/state-machine.ts';
import { integration } from '../../lib/compute/integration.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { planSchema } from '../../lib/plan/schema.ts';
import { World } from './world.ts';

const golden = path.join(projectFolder, 'contracts', 'golden', 'churn.plan.json');
const machine = stateMachine(planSchema.parse(JSON.parse(readFileSync(golden, 'utf8')))) as unknown as Machine;

const glue = integration('glue:startJobRun.sync');
const lambda = integration('lambda:invoke');
type Answer = (call: ResourceCall) => Json;

interface Call {
  FunctionName: string;
  Payload: { action?: string };
}

/** Runs the churn machine with given answers of bookmarks, gate and Glue. */
async function walk(
  order: { stages: string[]; trains: Json[] },
  verdict: Json | (() => Json),
  stage: Answer = () => ({ JobRunState: 'SUCCEEDED' }),
  bookmarks: (action: string) => Json = () => ({ settled: [] }),
) {
  const answer: Answer = ({ arguments: given }) => {
    const { FunctionName, Payload } = given as unknown as Call;
    if (FunctionName === '${QualityFunction}')
      return { StatusCode: 200, Payload: typeof verdict === 'function' ? verdict() : verdict };
    const said = bookmarks(Payload.action!);
    const claimed = { run: 'r1', token: order.stages.length === 0 ? 0 : 7, work: 'w', ...order };
    return { StatusCode: 200, Payload: Payload.action === 'claim' ? claimed : said };
  };
  const world = new World({ [glue]: stage, [lambda]: answer });
  const input = { run: 'r1', plan: 'p', root: '/lake', data: '/raw', parameters: { snapshot: '2025-06-30' } };
  const done = await execute(machine, input, world);
  const asked = world.calls.flatMap((call) =>
    call.resource === lambda ? [(call.arguments as unknown as Call).Payload.action ?? 'judge'] : [call.state],
  );
  return { done, asked, world };
}

const candidate = { model: 'churn', version: 1, gate: { auc: 0.75 } };
const promoted = { model: 'churn', version: 1, verdict: 'promote', reason: 'good', usable: true };
const held = (usable: boolean) => ({ ...promoted, verdict: 'hold', reason: 'AUC 0.6', usable });

describe('the machine of the churn pipeline', () => {
  test('only leads to existing states', () => {
    const text = JSON.stringify(machine);
    for (const [, next] of text.matchAll(/"(?:Next|Default)":"([^"]+)"/g))
      expect(Object.keys(machine.States)).toContain(next);
  });

  test('claims, builds, judges, predicts and commits if everything is new', async () => {
    const { done, asked, world } = await walk({ stages: ['build', 'predict'], trains: [candidate] }, promoted);
    expect(done).toMatchObject({ status: 'SUCCEEDED', output: { run: 'r1', verdicts: [promoted] } });
    expect(asked).toEqual(['claim', 'build', 'judge', 'predict', 'commit']);
    expect(world.calls[0]!.arguments).toMatchObject({
      Payload: { run: 'r1', plan: 'p', data: '/raw', parameters: { snapshot: '2025-06-30' } },
    });
    expect(world.calls[1]!.arguments).toMatchObject({
      Arguments: { '--stage': 'build', '--run': 'r1', '--root': '/lake', '--work': 'w', '--plan': 'p' },
    });
    expect(world.calls.at(-1)!.arguments).toMatchObject({ Payload: { run: 'r1', token: 7, pipeline: 'churn' } });
  });

  test('claims nothing and calls nothing else if there is nothing to do', async () => {
    const { done, asked } = await walk({ stages: [], trains: [] }, null);
    expect([done.status, asked]).toEqual(['SUCCEEDED', ['claim']]);
    expect(done).toMatchObject({ output: { run: 'r1', nothing: true } });
  });

  test('does not call the gate if nothing was trained', async () => {
    const build = await walk({ stages: ['build'], trains: [] }, null);
    expect([build.done.status, build.asked]).toEqual(['SUCCEEDED', ['claim', 'build', 'commit']]);
    expect((await walk({ stages: ['predict'], trains: [] }, null)).asked).toEqual(['claim', 'predict', 'commit']);
  });

  test('a held model fails the run; a live version still scores, if there is one', async () => {
    const none = await walk({ stages: ['build', 'predict'], trains: [candidate] }, held(false));
    expect(none.done).toMatchObject({ status: 'FAILED', error: 'QualityGate', cause: 'churn v1: AUC 0.6' });
    expect(none.asked).toEqual(['claim', 'build', 'judge', 'commit']);
    const older = await walk({ stages: ['build', 'predict'], trains: [candidate] }, held(true));
    expect(older.done).toMatchObject({ status: 'FAILED', error: 'QualityGate' });
    expect(older.asked).toEqual(['claim', 'build', 'judge', 'predict', 'commit']);
  });

  test("a fault in the input is not retried, a lost worker is, and Glue's own errors more often", async () => {
    const failing = (error: string, times: number): Answer => {
      let n = 0;
      return () => {
        if (n++ < times) throw new StatesError(error, 'no');
        return {};
      };
    };
    const count = async (error: string, times: number) => {
      const { done, asked } = await walk({ stages: ['build'], trains: [] }, null, failing(error, times));
      return [done.status, asked.filter((name) => name === 'build').length];
    };
    expect(await count('Millrace.Fault', 9)).toEqual(['FAILED', 1]);
    expect(await count('States.TaskFailed', 1)).toEqual(['SUCCEEDED', 2]);
    expect(await count('States.TaskFailed', 9)).toEqual(['FAILED', 2]);
    expect(await count('Glue.ConcurrentRunsExceededException', 4)).toEqual(['SUCCEEDED', 5]);
  });

  test('a function that gave no answer is called once more; one that reported a fault is not', async () => {
    const failing = (action: string, error: string, times: number) => {
      let left = times;
      return (asked: string): Json => {
        if (asked === action && left-- > 0) throw new StatesError(error, 'no answer');
        return { settled: [] };
      };
    };
    const order = { stages: ['build'], trains: [] };
    const walked = async (action: string, error: string, times: number) => {
      const { done, asked } = await walk(order, null, undefined, failing(action, error, times));
      return [done.status, asked.filter((each) => each === action).length];
    };
    for (const action of ['claim', 'commit'])
      for (const error of ['Sandbox.Timedout', 'Lambda.Unknown', 'States.Timeout']) {
        expect(await walked(action, error, 1)).toEqual(['SUCCEEDED', 2]);
        expect(await walked(action, error, 2)).toEqual(['FAILED', 2]);
      }
    expect(await walked('claim', 'Millrace.Fault', 1)).toEqual(['FAILED', 1]);
    expect(await walked('claim', 'Lambda.TooManyRequestsException', 4)).toEqual(['SUCCEEDED', 5]);
  });

  test('a fault of the gate is not retried, and a missing answer once', async () => {
    const gate = async (error: string, times: number) => {
      let left = times;
      const { done, asked } = await walk({ stages: ['build'], trains: [candidate] }, () => {
        if (left-- > 0) throw new StatesError(error, 'the gate');
        return promoted;
      });
      return [done.status, ...asked.slice(2)];
    };
    expect(await gate('Millrace.Fault', 1)).toEqual(['FAILED', 'judge', 'abort']);
    expect(await gate('Sandbox.Timedout', 1)).toEqual(['SUCCEEDED', 'judge', 'judge', 'commit']);
    expect(await gate('Sandbox.Timedout', 2)).toEqual(['FAILED', 'judge', 'judge', 'abort']);
  });

  test('a failed stage releases its claim, and ends with its error and cause, whatever the bookmarks answer', async () => {
    const fails: Answer = () => {
      throw new StatesError('Millrace.Fault', 'MR302 a gap');
    };
    const { done, asked } = await walk({ stages: ['build'], trains: [] }, null, fails);
    expect(done).toMatchObject({ status: 'FAILED', error: 'Millrace.Fault', cause: 'MR302 a gap' });
    expect(asked).toEqual(['claim', 'build', 'abort']);
    const deaf = await walk({ stages: ['build'], trains: [] }, null, fails, (action) => {
      if (action === 'abort') throw new StatesError('Lambda.Unknown', 'no table');
      return null;
    });
    expect(deaf.done).toMatchObject({ status: 'FAILED', error: 'Millrace.Fault', cause: 'MR302 a gap' });
  });

  test('a refused claim ends the run with the reason, and a refused commit is not a success', async () => {
    const refusing = (action: string) => (asked: string) => {
      if (asked === action) throw new StatesError('Millrace.Fault', `${action} refused`);
      return { settled: [] };
    };
    const order = { stages: ['build'], trains: [] };
    const unclaimed = await walk(order, null, undefined, refusing('claim'));
    expect([unclaimed.done, unclaimed.asked]).toMatchObject([{ status: 'FAILED', cause: 'claim refused' }, ['claim']]);
    const uncommitted = await walk(order, null, undefined, refusing('commit'));
    expect(uncommitted.done).toMatchObject({ status: 'FAILED', cause: 'commit refused' });
  });
});
