import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Graph, Json, Machine } from '../../lib/asl/machine.ts';
import { stateMachine } from '../../lib/asl/state-machine.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { planSchema } from '../../lib/plan/schema.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { callable, comparable, ours, theirs } from './readings.ts';

const golden = path.join(projectFolder, 'contracts', 'golden', 'churn.plan.json');
const compiled = stateMachine(planSchema.parse(JSON.parse(readFileSync(golden, 'utf8')))) as unknown as Machine;

interface Answers {
  claimed: Json;
  verdict: Json;
  /** Tasks that do not succeed: name -> their outcome. */
  amiss: Readonly<Record<string, string>>;
}

/** The state machine of the churn pipeline, whose Tasks give the answers below. */
function answering({ claimed, verdict, amiss }: Answers): Machine {
  const answers: Record<string, Json> = { Claim: claimed, Judge: verdict };
  const graph = <G extends Graph>(given: G): G => ({
    ...given,
    States: Object.fromEntries(
      Object.entries(given.States).map(([name, state]) => {
        if (state.Type === 'Map') return [name, { ...state, ItemProcessor: graph(state.ItemProcessor) }];
        if (state.Type !== 'Task') return [name, state];
        return [name, { ...state, Resource: amiss[name] ?? 'ok', Arguments: answers[name] ?? { done: true } }];
      }),
    ),
  });
  // Our Task returns its input under another name than Lambda.
  const text = JSON.stringify(graph(compiled)).replaceAll('$states.result.Payload', '$states.result.given');
  return callable(JSON.parse(text) as Machine);
}

const train = { model: 'churn', version: 1, gate: { auc: 0.75 } };
const orders = {
  nothing: { stages: [], trains: [] },
  'no training': { stages: ['build', 'predict'], trains: [] },
  'a training': { stages: ['build', 'predict'], trains: [train] },
  'two trainings': { stages: ['build', 'predict'], trains: [train, { ...train, model: 'value' }] },
  'scores only': { stages: ['predict'], trains: [] },
};
const verdicts = {
  promoted: { model: 'churn', version: 1, verdict: 'promote', reason: 'good', metric: 'auc', value: 0.8, usable: true },
  held: { model: 'churn', version: 1, verdict: 'hold', reason: 'AUC 0.6', metric: 'auc', value: 0.6, usable: true },
  'held, the first': {
    model: 'churn',
    version: 1,
    verdict: 'hold',
    reason: 'AUC 0.6',
    metric: 'auc',
    value: 0.6,
    usable: false,
  },
};
const tasks = ['Claim', 'build', 'Judge', 'predict', 'Commit', 'Abort'];
const failures = ['fail:Millrace.Fault', 'fail:States.TaskFailed', 'fail:Lambda.ServiceException', 'flaky'];

const ways: [title: string, answers: Answers][] = Object.entries(orders).flatMap(([order, { stages, trains }]) =>
  Object.entries(verdicts).flatMap(([judged, verdict]): [string, Answers][] => {
    const claimed = { run: 'r1', token: stages.length, work: 'w', stages, trains };
    const amiss: Record<string, string>[] = [{}, ...tasks.flatMap((task) => failures.map((how) => ({ [task]: how })))];
    amiss.push({ build: 'fail:Millrace.Fault', Abort: 'fail:Lambda.ServiceException' });
    return amiss.map((wrong) => [`${order}, ${judged}, ${JSON.stringify(wrong)}`, { claimed, verdict, amiss: wrong }]);
  }),
);

const installed = isTwinInstalled();
const without = installed ? '' : ', skipped: there is no .venv-twin (npm run setup -- --twin)';

describe.skipIf(!installed)(`the deployed state machine, read by both interpreters${without}`, () => {
  let twin: Twin;
  beforeAll(async () => {
    twin = await startTwin({ agreement: true, patience: 5000 });
  });
  afterAll(() => twin?.stop());

  const input = { run: 'r1', plan: 'p', root: 's3://lake', data: 's3://raw/churn', parameters: {} };

  test(`ends the same in each of ${ways.length} courses of a run, through the same states at the same times`, async () => {
    const ends = new Set<string>();
    for (const [title, answers] of ways) {
      const machine = answering(answers);
      const [one, other] = [await ours(machine, input), await theirs(twin, machine, input)];
      if (other === undefined) continue;
      expect([title, comparable(one)]).toEqual([title, comparable(other)]);
      ends.add('error' in one.end ? one.end.error : 'output');
    }
    expect([...ends].sort()).toEqual(
      ['Lambda.ServiceException', 'Millrace.Fault', 'QualityGate', 'States.TaskFailed', 'output', 'E1'].sort(),
    );
  });
});
