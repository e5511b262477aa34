import { expect, test } from 'vitest';
import { execute, StatesError } from '../../lib/asl/interpreter/index.ts';
import type { Machine } from '../../lib/asl/machine.ts';
import { stateMachine } from '../../lib/asl/state-machine.ts';
import { integration } from '../../lib/compute/integration.ts';
import { loadPlan } from '../../lib/local/load.ts';
import { World } from '../asl/world.ts';

/** Runs the churn machine with the Glue job at its limit for so many milliseconds. Returns the bookmark calls and how it ended. */
async function runBeside(milliseconds: number) {
  const machine = stateMachine(await loadPlan('churn')) as unknown as Machine;
  const bookmarks: string[] = [];
  const since = Date.parse('2025-01-01T00:00:00.000Z');
  const world: World = new World(
    {
      [integration('glue:startJobRun.sync')]: () => {
        if (world.clock.now().getTime() - since >= milliseconds) return { JobRunState: 'SUCCEEDED' };
        throw new StatesError('Glue.ConcurrentRunsExceededException', 'Concurrent runs exceeded for churn-engine');
      },
      [integration('lambda:invoke')]: ({ arguments: given }) => {
        const { action } = (given as unknown as { Payload: { action: string } }).Payload;
        bookmarks.push(action);
        const claimed = { run: 'r1', token: 7, work: 'w', stages: ['build'], trains: [] };
        return { StatusCode: 200, Payload: action === 'claim' ? claimed : { settled: [] } };
      },
    },
    () => 0.9,
  );
  const input = { run: 'r1', plan: 'p', root: '/lake', data: '/raw', parameters: {} };
  return { done: await execute(machine, input, world), bookmarks };
}

test('a run that finds the job at its limit waits some minutes, and commits once', async () => {
  const { done, bookmarks } = await runBeside(5 * 60_000);
  expect(done).toMatchObject({ status: 'SUCCEEDED' });
  expect(bookmarks).toEqual(['claim', 'commit']);
});

test("a job that stays at its limit ends the run with Glue's error, and the claim is released", async () => {
  const { done, bookmarks } = await runBeside(60 * 60_000);
  expect(done).toMatchObject({ status: 'FAILED', error: 'Glue.ConcurrentRunsExceededException' });
  expect(bookmarks).toEqual(['claim', 'abort']);
});
