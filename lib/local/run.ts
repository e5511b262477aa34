import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stateMachine } from '../asl/compile.ts';
import { type Execution, execute, validateMachine } from '../asl/interpreter/index.ts';
import type { Machine } from '../asl/machine.ts';
import { type Issue, MillraceError } from '../errors.ts';
import { canonicalJson } from '../plan/canonical-json.ts';
import type { ParameterValues } from '../plan/diff.ts';
import type { ModelResult, RunDocument } from '../plan/run-document.ts';
import type { Plan } from '../plan/schema.ts';
import type { WorkOrder } from '../plan/work-order.ts';
import { Clock } from './clock.ts';
import type { RunEvent } from './events.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { bayesAuc, checkedMark, exists, prepare } from './prepare.ts';
import { type Engine, pythonOf } from './python.ts';
import { writeReport } from './report-file.ts';
import { localPorts, type Outcome, substituted } from './resources.ts';
import type { Root } from './root.ts';
import { lock } from './state-file.ts';

export interface RunOptions {
  plan: Plan;
  root: Root;
  engine: Engine;
  data?: string | undefined;
  parameters?: ParameterValues;
  emit: (event: RunEvent) => void;
  signal?: AbortSignal;
}

/** Runs what needs running, on this machine, by executing the pipeline's state machine. Throws MillraceError before it starts only. */
export async function runPipeline(options: RunOptions): Promise<RunDocument> {
  const { plan, root } = options;
  const started = new Date();
  await mkdir(root.folder, { recursive: true });
  const unlock = await lock(root, plan.pipeline);
  try {
    return await locked(options, started);
  } finally {
    await unlock();
  }
}

async function locked(options: RunOptions, started: Date): Promise<RunDocument> {
  const { plan, root, engine, emit } = options;
  const { state, listing, parameters, decisions } = await prepare(plan, root, options);
  const clock = new Clock(started);
  clock.lap('prepare');
  const run = runName(started);
  const base = {
    run,
    pipeline: plan.pipeline,
    engine,
    started_at: started.toISOString(),
    parameters,
    skipped: decisions.skipped,
    reasons: decisions.items.map(({ task, why }) => ({ task, why })),
    inputs: Object.entries(listing).flatMap(([source, files]) =>
      files.map(({ uri: _, ...file }) => ({ source, ...file })),
    ),
  };
  if (decisions.items.length === 0) {
    const document: RunDocument = {
      ...base,
      status: 'nothing to do',
      seconds: clock.total(),
      tasks: [],
      models: [],
      phases: clock.phases,
      issues: [],
    };
    emit({ type: 'run.done', document });
    return document;
  }
  const tasks = decisions.items.map(({ task, why }) => ({
    task,
    why,
    kind: plan.tasks.find((t) => t.name === task)!.kind,
  }));
  // Without an engine nothing may start: the ledger would note a run that could do no work.
  await pythonOf(engine);
  emit({ type: 'run.start', run, tasks, skipped: decisions.skipped.length });

  const ledger = openLedger(root, plan, state);
  const work: WorkOrder = {
    format: 'millrace-work',
    version: 1,
    run,
    pipeline: plan.pipeline,
    sequence: await ledger.begin(run, decisions.items),
    startedAt: started.toISOString(),
    parameters: { ...parameters },
    ...decisions,
  };
  const outcome: Outcome = { tasks: [], models: [], verdicts: [], issues: [] };
  const execution = await runMachine(options, work, ledger, outcome, clock);
  const status =
    execution.status === 'SUCCEEDED'
      ? 'succeeded'
      : execution.status === 'FAILED' && execution.error === 'QualityGate'
        ? 'held'
        : 'failed';
  const bayes = await bayesAuc(options.data ?? root.data(plan.pipeline));
  const document: RunDocument = {
    ...base,
    status,
    seconds: clock.total(),
    tasks: outcome.tasks,
    models: modelResults(outcome),
    phases: clock.phases,
    ...(bayes !== undefined && { bayes_auc: bayes }),
    issues: issuesOf(status, outcome.issues, execution, path.join(root.run(run), 'logs')),
  };
  const finished = await writeReport(root, plan, document, clock);
  emit({ type: 'run.done', document: finished });
  return finished;
}

/** Executes the same document that AWS would get, with this machine's resources put in. */
async function runMachine(
  options: RunOptions,
  work: WorkOrder,
  ledger: Ledger,
  outcome: Outcome,
  clock: Clock,
): Promise<Execution> {
  const { plan, root } = options;
  const folder = root.run(work.run);
  await mkdir(path.join(folder, 'logs'), { recursive: true });
  const files = {
    plan: path.join(folder, 'plan.json'),
    work: path.join(folder, 'work.json'),
    machine: path.join(folder, 'machine.json'),
  };
  const machine = stateMachine(plan);
  const faults = validateMachine(machine);
  if (faults.length > 0) throw new MillraceError(faults);
  await Promise.all([
    writeFile(files.plan, canonicalJson(plan, 1)),
    writeFile(files.work, canonicalJson(work, 1)),
    writeFile(files.machine, JSON.stringify(machine, undefined, 2)),
  ]);
  const wanted = new Set(work.items.map((item) => plan.tasks.find((task) => task.name === item.task)!.stage));
  const trains = plan.tasks.flatMap((task) =>
    task.kind === 'train' && work.items.some((item) => item.task === task.name)
      ? [{ model: task.model, version: work.sequence, gate: task.gate }]
      : [],
  );
  const input = {
    run: work.run,
    plan: files.plan,
    work: files.work,
    root: root.folder,
    stages: [...wanted],
    trains,
  };
  const mark = checkedMark(root, plan);
  const ports = localPorts({
    options,
    work,
    ledger,
    outcome,
    clock,
    check: !(await exists(mark)),
    whenChecked: () => writeFile(mark, ''),
  });
  const settings = { name: work.run, ...(options.signal && { signal: options.signal }) };
  return execute(substituted(machine) as unknown as Machine, input, ports, settings);
}

function modelResults(outcome: Outcome): ModelResult[] {
  return outcome.models.map((model) => {
    const verdict = outcome.verdicts.find((v) => v.model === model.name && v.version === model.version);
    return {
      ...model,
      verdict: verdict?.verdict ?? 'hold',
      reason: verdict?.reason ?? 'not judged: the run failed before',
    };
  });
}

function issuesOf(
  status: RunDocument['status'],
  issues: readonly Issue[],
  execution: Execution,
  logs: string,
): Issue[] {
  if (status === 'held' && execution.status === 'FAILED') {
    const hint = 'look at the report: the version that was live before still scores';
    return [{ code: 'MR407', path: 'quality gate', message: `held: ${execution.cause}`, hint }];
  }
  if (status !== 'failed' || issues.length > 0) return [...issues];
  const what = execution.status === 'FAILED' ? `${execution.error}: ${execution.cause}` : 'the run was stopped';
  return [{ code: 'MR509', path: logs, message: what, hint: 'run again: it goes on where it stopped' }];
}

function runName(at: Date): string {
  const stamp = at.toISOString().replace(/[-:]/g, '').slice(0, 15).toLowerCase();
  return `r-${stamp}-${Math.random().toString(36).slice(2, 6).padEnd(4, '0')}`;
}
