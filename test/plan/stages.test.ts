import { describe, expect, test } from 'vitest';
import { validateMachine } from '../../lib/asl/interpreter/validation/validate.ts';
import { stateMachine } from '../../lib/asl/state-machine.ts';
import type { AnyDefinition } from '../../lib/definition/index.ts';
import { stageNames } from '../../lib/definition/stages.ts';
import { compile } from '../../lib/plan/compile.ts';
import { stagesOf } from '../../lib/plan/stages.ts';
import { small, smallSql } from './pipelines.ts';

const planOf = (compute?: AnyDefinition['compute']) => {
  const definition = { ...(small as unknown as AnyDefinition), ...(compute !== undefined && { compute }) };
  const { plan, issues } = compile(definition, smallSql, 'pipelines/small/pipeline.ts');
  expect(issues).toEqual([]);
  return plan!;
};

const trained = planOf({ train: 'emr', predict: 'emr-serverless' });

describe('the stages of a plan', () => {
  test('are two by default: training runs in the session that made the tables', () => {
    expect(planOf().stages.map(({ name, compute }) => [name, compute])).toEqual([
      ['build', 'glue'],
      ['predict', 'glue'],
    ]);
    expect(planOf().stages[0]!.tasks.at(-1)).toBe('train_stays');
  });

  test('are three if training has a compute, and each task is in one', () => {
    expect(trained.stages).toMatchObject([
      { name: 'build', compute: 'glue' },
      { name: 'train', compute: 'emr', tasks: ['train_stays'] },
      { name: 'predict', compute: 'emr-serverless', tasks: ['scores'] },
    ]);
    expect(trained.stages.flatMap(({ tasks }) => tasks)).toEqual(trained.tasks.map(({ name }) => name));
    for (const { name, tasks } of trained.stages) {
      expect(trained.tasks.filter((task) => task.stage === name).map((task) => task.name)).toEqual(tasks);
    }
  });

  test('are not in fingerprints: a separate training stage recomputes nothing', () => {
    const fingerprints = (plan: typeof trained) => plan.tasks.map(({ name, fingerprint }) => [name, fingerprint]);
    expect(fingerprints(trained)).toEqual(fingerprints(planOf()));
  });

  test('exist only with tasks, in the order of the list of names', () => {
    const tasks = [...trained.tasks].reverse();
    expect(stagesOf(tasks, {}).map(({ name }) => name)).toEqual([...stageNames]);
    expect(
      stagesOf(
        tasks.filter(({ stage }) => stage !== 'train'),
        {},
      ).map(({ name }) => name),
    ).toEqual(['build', 'predict']);
  });
});

test('a state machine of three stages runs the gate after training, then scores', () => {
  const machine = stateMachine(trained);
  expect(validateMachine(machine)).toEqual([]);
  const states = machine['States'] as Record<string, { Next?: string; Default?: string; Choices?: { Next: string }[] }>;
  const path = [];
  for (let at = machine['StartAt'] as string; at !== undefined; ) {
    path.push(at);
    const { Next, Choices, Default } = states[at]!;
    // The states of a run that has work in each stage, creates a cluster and promotes.
    at = (Next ??
      (at.endsWith('on which cluster?') || /^(Anything|Promoted)/.test(at) ? Default : Choices?.[0]?.Next))!;
  }
  expect(path).toEqual([
    ...['Claim', 'Anything to do?', 'build wanted?', 'build', 'train wanted?', 'train on which cluster?'],
    ...['train makes a cluster', 'train', 'Candidates?', 'Judge the candidates', 'Done with the cluster?'],
    ...['End the cluster', 'predict wanted?', 'predict', 'Commit', 'Promoted?', 'Done'],
  ]);
});
