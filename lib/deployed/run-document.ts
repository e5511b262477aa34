import type { RunDocument } from '../documents/run-document.ts';
import { driftOf, judgedModel, resultOf, unchangedTasks } from '../documents/task-outcome.ts';
import type { Issue } from '../errors.ts';
import type { Verdict } from '../gate/gate.ts';
import { heldIssue } from '../gate/held.ts';
import type { Plan } from '../plan/schema.ts';
import type { Execution, Seen } from './ports.ts';
import { failureOf } from './root-cause.ts';

/** A deployed run in the form of a local run's document. */
export function documentOf(plan: Plan, seen: Seen): RunDocument {
  const { execution, order, outcomes } = seen;
  const started = Date.parse(execution.startedAt);
  const ended = execution.stoppedAt === undefined ? started : Date.parse(execution.stoppedAt);
  const status = statusOf(execution);
  const verdicts = verdictsOf(seen);
  const unchanged = unchangedTasks(outcomes);
  const drift = driftOf(verdicts);
  return {
    run: execution.run,
    pipeline: plan.pipeline,
    status,
    engine: 'spark',
    started_at: execution.startedAt,
    seconds: Math.max(0, (ended - started) / 1000),
    parameters: order?.parameters ?? {},
    tasks: plan.tasks.flatMap((task) => {
      const outcome = outcomes.find((each) => each.task === task.name);
      return outcome === undefined || outcome.unchanged !== undefined ? [] : [resultOf(task, outcome)];
    }),
    skipped: [...(order?.skipped ?? []), ...unchanged],
    reasons: (order?.items ?? []).flatMap(({ task, why }) =>
      unchanged.some((each) => each.task === task) ? [] : [{ task, why }],
    ),
    models: outcomes.flatMap(({ model }) => (model === undefined ? [] : judgedModel(model, verdicts))),
    ...(drift.length > 0 && { drift }),
    inputs: (order?.items ?? []).flatMap(({ task, files = [] }) =>
      files.map(({ path, etag, size }) => ({ source: task, path, etag, size })),
    ),
    phases: phasesOf(plan, seen),
    issues: issuesOf(plan, status, seen),
    ...(order?.warnings !== undefined && { warnings: order.warnings }),
  };
}

function statusOf({ status, error, output }: Execution): RunDocument['status'] {
  if (status === 'SUCCEEDED') return output?.includes('"nothing"') ? 'nothing to do' : 'succeeded';
  return status === 'FAILED' && error === 'QualityGate' ? 'held' : 'failed';
}

/** Seconds in each stage, including all attempts. */
function phasesOf(plan: Plan, { steps }: Seen): RunDocument['phases'] {
  return plan.stages.flatMap(({ name }) => {
    const entries = steps.filter((step) => step.state === name);
    const [first, last] = [entries[0], entries.at(-1)];
    if (first === undefined || last === undefined) return [];
    return [{ name: `stage ${name}`, seconds: (Date.parse(last.at) - Date.parse(first.at)) / 1000 }];
  });
}

function issuesOf(plan: Plan, status: RunDocument['status'], seen: Seen): Issue[] {
  if (status === 'held')
    return [heldIssue(seen.execution.cause ?? '', verdictsOf(seen), 'check the dossier of the model')];
  return status === 'failed' ? failureOf(plan, seen).issues : [];
}

/** The gate's verdicts so far, each once: from the output of its state, of the Map, or of the execution. */
export function verdictsOf({ steps, execution }: Pick<Seen, 'steps' | 'execution'>): Verdict[] {
  const outputs = steps.flatMap((step) => (step.type === 'exited' && judges.has(step.state) ? [step.output] : []));
  const found = [...outputs, execution.output].flatMap((text) =>
    text === undefined ? [] : verdictsIn(JSON.parse(text)),
  );
  return [...new Map(found.map((verdict) => [`${verdict.model} v${verdict.version}`, verdict])).values()];
}

const judges = new Set(['Judge', 'Judge the candidates']);

function verdictsIn(output: unknown): Verdict[] {
  const { verdicts } = (output ?? {}) as { verdicts?: unknown };
  const listed = Array.isArray(output) ? output : Array.isArray(verdicts) ? verdicts : [output];
  return (listed as Partial<Verdict>[]).filter((each): each is Verdict => each?.verdict !== undefined);
}
