import type { Execution, Seen, Step } from '../../lib/deployed/ports.ts';
import type { TaskOutcome } from '../../lib/documents/task-outcome.ts';
import type { WorkOrder } from '../../lib/documents/work-order.ts';
import { churn } from '../stacks/synthesised.ts';

export const run = 'r-20261121t090000-abcd';
export const plan = churn;
const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 9, 0, second)).toISOString();

/** The moments of a full churn run, in order; each is what can be seen from then on. */
export interface Moment {
  step?: Step;
  order?: WorkOrder;
  outcome?: TaskOutcome;
  execution?: Partial<Execution>;
}

export const order: WorkOrder = {
  format: 'millrace-work',
  version: 1,
  run,
  pipeline: plan.pipeline,
  sequence: 1,
  startedAt: at(0),
  parameters: { snapshot_date: '2025-06-30' },
  items: plan.tasks.map(({ name }) => ({
    task: name,
    mode: 'full',
    why: 'never built',
    fingerprint: '',
    parts: {},
    since: {},
  })),
  skipped: [],
};

function outcomeOf(task: string): TaskOutcome {
  const { kind, stage } = plan.tasks.find(({ name }) => name === task)!;
  return {
    task,
    kind,
    stage,
    mode: 'full',
    seconds: 1,
    read: 2,
    written: 2,
    aggregated: {},
    deduplicated: 0,
    filtered: {},
    quarantined: {},
    lookups: {},
    warnings: [],
    version: 1,
    rewritten: false,
    consumed: {},
  };
}

const verdict = {
  model: 'churn',
  version: 1,
  verdict: 'promote',
  reason: 'AUC 0.8',
  metric: 'auc',
  value: 0.8,
  usable: true,
};

/** A successful run: its stages in order, each task reporting while its stage runs. */
export function goodRun(): Moment[] {
  const moments: Moment[] = [{ execution: { status: 'RUNNING' } }];
  const state = (name: string, inside: Moment[] = [], output?: string): Moment[] => [
    { step: { type: 'entered', state: name, at: at(1) } },
    ...inside,
    { step: { type: 'exited', state: name, at: at(2), ...(output !== undefined && { output }) } },
  ];
  moments.push(...state('Claim', [{ order }]));
  for (const stage of plan.stages) {
    moments.push(
      ...state(
        stage.name,
        stage.tasks.map((task) => ({ outcome: outcomeOf(task) })),
      ),
    );
    if (plan.tasks.some((task) => task.stage === stage.name && task.kind === 'train')) {
      moments.push(
        ...state('Judge', [], JSON.stringify(verdict)),
        ...state('Judge the candidates', [], JSON.stringify([verdict])),
      );
    }
  }
  moments.push(...state('Commit'));
  const output = JSON.stringify({ run, verdicts: [verdict] });
  return [...moments, { execution: { status: 'SUCCEEDED', stoppedAt: at(60), output } }];
}

/** A run whose first stage fails once, is retried, and fails finally in `task`, with that cause. */
export function badRun(task: string, cause: string, error = 'States.TaskFailed'): Moment[] {
  const { stage: state } = plan.tasks.find(({ name }) => name === task)!;
  const before = plan.tasks.slice(
    0,
    plan.tasks.findIndex(({ name }) => name === task),
  );
  const step = (next: Step): Moment => ({ step: next });
  return [
    { execution: { status: 'RUNNING' }, order },
    step({ type: 'entered', state, at: at(1) }),
    step({ type: 'scheduled', state, at: at(1) }),
    ...before.map(({ name }): Moment => ({ outcome: outcomeOf(name) })),
    step({ type: 'failed', state, at: at(2), error, cause }),
    step({ type: 'scheduled', state, at: at(3) }),
    step({ type: 'failed', state, at: at(4), error, cause }),
    step({ type: 'entered', state: 'Abort', at: at(5) }),
    { execution: { status: 'FAILED', stoppedAt: at(6), error, cause } },
  ];
}

/** What can be seen of a run after so many moments. */
export function seenAfter(moments: readonly Moment[], count: number): Seen {
  const past = moments.slice(0, count);
  const execution: Execution = Object.assign(
    { run, status: 'RUNNING', startedAt: at(0) },
    ...past.map((m) => m.execution),
  );
  return {
    execution,
    steps: past.flatMap((m) => m.step ?? []),
    order: past.findLast((m) => m.order)?.order,
    outcomes: past.flatMap((m) => m.outcome ?? []),
  };
}
