import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Catcher, Graph, Machine, Retrier, State, TaskState } from '../../lib/asl/machine.ts';
import { stateMachine } from '../../lib/asl/state-machine.ts';
import { integration } from '../../lib/compute/integration.ts';
import type { Compute } from '../../lib/definition/compute.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { type Plan, planSchema } from '../../lib/plan/schema.ts';
import { resources, synthesised } from '../stacks/synthesised.ts';

const golden = path.join(projectFolder, 'contracts', 'golden', 'churn.plan.json');
const churn = planSchema.parse(JSON.parse(readFileSync(golden, 'utf8')));

const computes: Compute[] = ['glue', 'emr', 'emr-serverless'];
const pairs = computes.flatMap((build) => computes.map((predict): [Compute, Compute] => [build, predict]));
const on = (build: Compute, predict: Compute): Plan => ({
  ...churn,
  stages: churn.stages.map((stage) => ({ ...stage, compute: stage.name === 'build' ? build : predict })),
});

/** A Task, and what catches its errors: its own Catch, or that of the enclosing Map. */
interface Found {
  name: string;
  task: TaskState;
  catchers: Catcher[];
}

function tasksOf(graph: Graph, around: Catcher[] = []): Found[] {
  return Object.entries(graph.States).flatMap(([name, state]): Found[] => {
    const catchers = [...('Catch' in state ? (state.Catch ?? []) : []), ...around];
    if (state.Type === 'Task') return [{ name, task: state, catchers }];
    return state.Type === 'Map' ? tasksOf(state.ItemProcessor, catchers) : [];
  });
}

/** Every path from a state to an end, as a list of states. */
function waysFrom(machine: Machine, name: string, before: readonly string[] = []): string[][] {
  const way = [...before, name];
  const state = machine.States[name] as State & { Next?: string; Choices?: { Next: string }[]; Default?: string };
  const next = [state.Next, state.Default, ...(state.Choices ?? []).map((choice) => choice.Next)];
  const onward = next.filter((each): each is string => each !== undefined && !way.includes(each));
  return onward.length === 0 ? [way] : onward.flatMap((each) => waysFrom(machine, each, way));
}

const isLambda = ({ task }: Found) => task.Resource === integration('lambda:invoke');
const tries = (retrier: Retrier) => retrier.MaxAttempts !== 0;

describe.each(pairs)('each Task of a machine on %s and %s', (...pair) => {
  const machine = stateMachine(on(...pair)) as unknown as Machine;
  const found = tasksOf(machine);
  const named = (holds: (each: Found) => boolean) => found.filter((each) => !holds(each)).map(({ name }) => name);

  test('has a timeout, and retries transient errors with full jitter and a limit', () => {
    expect(found.length).toBeGreaterThanOrEqual(6);
    expect(named(({ task }) => typeof task.TimeoutSeconds === 'number' && task.TimeoutSeconds > 0)).toEqual([]);
    const retriers = ({ task }: Found) => (task.Retry ?? []).filter(tries);
    expect(named((each) => retriers(each).length > 0)).toEqual([]);
    expect(named((each) => retriers(each).every((retrier) => retrier.JitterStrategy === 'FULL'))).toEqual([]);
    expect(named((each) => retriers(each).every((retrier) => (retrier.MaxAttempts ?? 3) <= 4))).toEqual([]);
  });

  test("does not retry a user's fault, if it can recognise one", () => {
    const ours = found.filter((each) => isLambda(each) || each.name in Object.fromEntries(stages));
    expect(ours.length).toBeGreaterThanOrEqual(6);
    for (const { name, task } of ours) {
      expect([name, task.Retry?.[0]]).toEqual([name, { ErrorEquals: ['Millrace.Fault'], MaxAttempts: 0 }]);
    }
  });

  test('retries once a function that did not answer, and never a stage that timed out', () => {
    const again = (error: string) =>
      found.filter(({ task }) => task.Retry?.some((each) => tries(each) && each.ErrorEquals.includes(error)));
    const lambdas = found.filter(isLambda).map(({ name }) => name);
    expect(lambdas.sort()).toEqual(['Abort', 'Claim', 'Commit', 'Judge']);
    for (const error of ['Sandbox.Timedout', 'Lambda.Unknown', 'States.Timeout'])
      expect(
        again(error)
          .map(({ name }) => name)
          .sort(),
      ).toEqual(lambdas);
  });

  test('leads to the end of the run whatever fails, and through Abort once something is claimed', () => {
    for (const { name, catchers } of found) {
      const way = catchers.find(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'));
      expect([name, way === undefined]).toEqual([name, false]);
      // Nothing is claimed before Claim. Commit and Abort handle the claim themselves, and the next claim settles what they cannot;
      // a cluster that cannot be ended does not affect the work.
      if (['Claim', 'Commit', 'Abort', 'End the cluster'].includes(name)) continue;
      const ends = waysFrom(machine, way!.Next);
      expect(ends.filter((states) => !states.includes('Abort') || states.at(-1) !== 'Failed')).toEqual([]);
    }
  });

  test('that releases the run ends it too', () => {
    const next = (name: string) => found.find((each) => each.name === name)!.catchers[0]!.Next;
    expect([next('Claim'), next('Commit'), next('Abort')]).toEqual(['Failed', 'Failed', 'Failed']);
  });
});

const stages = churn.stages.map((stage) => [stage.name, stage] as const);

test('a Task waits longer than its function may take, so that no retry starts while the first call runs', () => {
  const machine = stateMachine(churn) as unknown as Machine;
  const functions = Object.values(resources(synthesised('dev').templates['pipeline-churn']!, 'AWS::Lambda::Function'));
  const timeouts = new Map(
    functions.map(({ Properties }) => [String(Properties.FunctionName).split('-').at(-1), Number(Properties.Timeout)]),
  );
  for (const { name, task } of tasksOf(machine).filter(isLambda)) {
    const of = name === 'Judge' ? 'quality' : 'bookmarks';
    expect([name, (task.TimeoutSeconds as number) > timeouts.get(of)!]).toEqual([name, true]);
  }
});
