import { describe, expect, test } from 'vitest';
import { execute } from '../../lib/asl/interpreter/index.ts';
import type { Machine, State } from '../../lib/asl/machine.ts';
import { stateMachine } from '../../lib/asl/state-machine.ts';
import { integration } from '../../lib/compute/integration.ts';
import { transitions } from '../../lib/cost/transitions.ts';
import { World } from '../asl/world.ts';
import { churn } from './questions.ts';

const pass = (Next?: string): State => ({ Type: 'Pass', ...(Next === undefined ? { End: true } : { Next }) });
const task = (Next?: string): State => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  ...(Next === undefined ? { End: true } : { Next }),
});

describe('state transitions', () => {
  test('are the states of the longest path to success, with the shortest as the low figure', () => {
    const machine = {
      StartAt: 'a',
      States: {
        a: pass('b'),
        b: { Type: 'Choice', Choices: [{ Condition: true, Next: 'c' }], Default: 'e' },
        c: task('d'),
        d: task('e'),
        e: { Type: 'Succeed' },
      } satisfies Record<string, State>,
    };
    expect(transitions(machine, 0)).toEqual({
      states: { low: 3, expected: 5, high: 7 },
      invocations: { low: 0, expected: 2, high: 4 },
    });
  });

  test('count a Map once per item, all branches of a Parallel, and no failing path', () => {
    const inner = { StartAt: 'x', States: { x: task('y'), y: pass() } };
    const machine = {
      StartAt: 'm',
      States: {
        m: { Type: 'Map', ItemProcessor: inner, Next: 'p' },
        p: { Type: 'Parallel', Branches: [inner, { StartAt: 'z', States: { z: pass() } }], Next: 'q' },
        q: { Type: 'Choice', Choices: [{ Condition: true, Next: 'bad' }], Default: 'end' },
        bad: pass('worse'),
        worse: pass('fail'),
        fail: { Type: 'Fail' },
        end: { Type: 'Succeed' },
      } satisfies Record<string, State>,
    };
    // Map, 3 x 2, Parallel, 2 + 1, Choice, Succeed.
    expect(transitions(machine, 3).states).toEqual({ low: 13, expected: 13, high: 17 });
  });

  test('end at a loop', () => {
    const machine = {
      StartAt: 'look',
      States: {
        look: { Type: 'Choice', Choices: [{ Condition: true, Next: 'wait' }], Default: 'end' },
        wait: { Type: 'Wait', Seconds: 5, Next: 'look' },
        end: { Type: 'Succeed' },
      } satisfies Record<string, State>,
    };
    expect(transitions(machine, 0).states).toEqual({ low: 2, expected: 2, high: 2 });
  });

  test('of the churn machine are the states that its execution enters', async () => {
    const machine = stateMachine(churn) as unknown as Machine;
    const entered = async (stages: string[]) => {
      const trains = stages.length > 0 ? [{ model: 'churn', version: 1, gate: { auc: 0.7 } }] : [];
      const verdict = { model: 'churn', version: 1, verdict: 'promote', reason: 'good', usable: true };
      const world = new World({
        [integration('lambda:invoke')]: () => ({
          StatusCode: 200,
          Payload: { token: 't', stages, trains, ...verdict },
        }),
        [integration('glue:startJobRun.sync')]: () => ({ JobRunState: 'SUCCEEDED' }),
      });
      const input = { run: 'r', plan: 'p', work: 'w', root: '/', data: '/', parameters: {}, stages, trains };
      const { status } = await execute(machine, input, world);
      expect(status).toBe('SUCCEEDED');
      return world.events.filter((event) => event.type === 'entered').length;
    };
    const { states } = transitions(machine, 1);
    expect([await entered([]), await entered(['build', 'predict'])]).toEqual([states.low, states.expected]);
  });
});
