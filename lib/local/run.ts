import { type Execution, execute, validateMachine } from '../asl/interpreter/index.ts';
import type { Json, Machine } from '../asl/machine.ts';
import { stateMachine } from '../asl/state-machine.ts';
import type { PeekRequest } from '../bookmarks/peek.ts';
import type { BookmarkPorts } from '../bookmarks/ports.ts';
import { abort } from '../bookmarks/release.ts';
import type { RunDocument, TaskResult } from '../documents/run-document.ts';
import { driftOf, judgedModel } from '../documents/task-outcome.ts';
import { type Issue, MillraceError } from '../errors.ts';
import { heldIssue } from '../gate/held.ts';
import { layout } from '../lake/layout.ts';
import { canonicalJson } from '../plan/canonical-json.ts';
import type { Plan } from '../plan/schema.ts';
import { modelNames } from '../plan/task-kinds.ts';
import { bookmarkFiles, holding } from './bookmark-ports.ts';
import { peekRequest } from './claim-request.ts';
import { bestPossible } from './data-folder.ts';
import { Clock } from './events.ts';
import { makeFolder } from './folders.ts';
import { tornLogs } from './gate-ports.ts';
import { nextRun } from './next-run.ts';
import { checkedMark } from './plan-cache.ts';
import { pythonOf } from './python.ts';
import { writeReport } from './report-file.ts';
import type { RunOptions } from './run-options.ts';
import { removeScratch, sweepScratch } from './scratch.ts';
import { onDisk } from './system-faults.ts';
import { localPorts, type RunProgress, substituted } from './task-resources.ts';

/** Runs a pipeline on this machine by executing its state machine. Throws MillraceError only before it starts. */
export async function runPipeline(options: RunOptions): Promise<RunDocument> {
  const { plan, root, engine, emit } = options;
  const started = new Date();
  const run = await nextRun(root, plan.pipeline, started);
  const clock = new Clock(started);
  const progress: RunProgress = { tasks: [], failed: [], models: [], unchanged: [], verdicts: [], issues: [] };
  const request = await peekRequest(plan, root, options);
  await sweepScratch(root);
  // Checked before the run, because a promotion removes the incomplete line.
  const torn = await tornLogs(root, plan.pipeline, modelNames(plan));
  const execution = await holding(run, () => runMachine(options, { run, request, progress, clock })).finally(() =>
    removeScratch(root, run),
  );
  if (progress.claim === undefined)
    throw progress.refused ?? progress.unexpected ?? unclaimed(execution, plan.pipeline);
  const { claimed, peeked } = progress.claim;
  const status = statusOf(execution, claimed.token);
  const bayes = status === 'nothing to do' ? undefined : await bestPossible(request.data);
  const drift = driftOf(progress.verdicts);
  const warnings = [...peeked.warnings, ...torn];
  const document: RunDocument = {
    run,
    pipeline: plan.pipeline,
    engine,
    started_at: started.toISOString(),
    parameters: peeked.parameters,
    skipped: [...peeked.decisions.skipped, ...progress.unchanged],
    reasons: peeked.decisions.items.flatMap(({ task, why }) =>
      progress.unchanged.some((each) => each.task === task) ? [] : [{ task, why }],
    ),
    inputs: Object.entries(peeked.listing).flatMap(([source, files]) =>
      files.map(({ uri: _, ...file }) => ({ source, ...file })),
    ),
    status,
    seconds: clock.total(),
    tasks: inPlanOrder(plan, progress.tasks),
    ...(progress.failed.length > 0 && { failed: [...new Set(progress.failed)] }),
    models: progress.models.map((model) => judgedModel(model, progress.verdicts)),
    ...(drift.length > 0 && { drift }),
    phases: clock.phases,
    ...(bayes !== undefined && { best_possible: bayes }),
    issues: issuesOf(status, progress, execution, root.runLogs(plan.pipeline, run)),
    ...(warnings.length > 0 && { warnings }),
  };
  const finished = status === 'nothing to do' ? document : await writeReport(root, plan, document, clock);
  emit({ type: 'run.done', document: finished });
  return finished;
}

/** Executes the document that AWS gets, with this machine's resources substituted. */
async function runMachine(
  options: RunOptions,
  { run, request, progress, clock }: { run: string; request: PeekRequest; progress: RunProgress; clock: Clock },
): Promise<Execution> {
  const { plan, root, engine, emit } = options;
  const machine = stateMachine(plan);
  const faults = validateMachine(machine);
  if (faults.length > 0) throw new MillraceError(faults);
  const planFile = root.plan(plan.pipeline, run);
  const files = bookmarkFiles(root, plan);
  const bookmarks: BookmarkPorts = {
    ...files,
    // Called only if there is work; a run without work leaves nothing behind.
    writeOrder: async (order) => {
      // Fails before the claim if there is no engine.
      await pythonOf(engine);
      await onDisk(async () => {
        await makeFolder(root.runLogs(plan.pipeline, run));
        await root.objects.write(layout.plan(plan.pipeline, run), canonicalJson(plan, 1));
        await root.objects.write(layout.machine(plan.pipeline, run), JSON.stringify(machine, undefined, 2));
      });
      return files.writeOrder(order);
    },
  };
  const mark = checkedMark(plan);
  const ports = localPorts({
    options,
    run,
    bookmarks,
    progress,
    clock,
    check: (await root.objects.read(mark)) === undefined,
    whenChecked: () => root.objects.write(mark, ''),
    whenClaimed: ({ decisions }) => {
      clock.lap('prepare');
      if (decisions.items.length === 0) return;
      const kinds = new Map(plan.tasks.map((task) => [task.name, task.kind]));
      const tasks = decisions.items.map(({ task, why }) => ({ task, why, kind: kinds.get(task)! }));
      emit({ type: 'run.start', run, tasks, skipped: decisions.skipped.length });
    },
  });
  const input = {
    run,
    plan: planFile,
    root: root.folder,
    data: request.data,
    parameters: { ...request.parameters } as Json,
  };
  const settings = { name: run, ...(options.signal && { signal: options.signal }) };
  const execution = await execute(substituted(machine) as unknown as Machine, input, ports, settings);
  // A cancelled execution never reaches Commit or Abort, so the claim is released here.
  const token = progress.claim?.claimed.token ?? 0;
  if (execution.status === 'ABORTED' && token > 0) await abort({ pipeline: plan.pipeline, run, token }, bookmarks);
  return execution;
}

/** Parallel tasks finish in any order; the document lists them in the order of the plan. */
function inPlanOrder(plan: Plan, tasks: readonly TaskResult[]): TaskResult[] {
  return plan.tasks.flatMap(({ name }) => tasks.find((task) => task.task === name) ?? []);
}

function statusOf(execution: Execution, token: number): RunDocument['status'] {
  if (execution.status === 'SUCCEEDED') return token === 0 ? 'nothing to do' : 'succeeded';
  return execution.status === 'FAILED' && execution.error === 'QualityGate' ? 'held' : 'failed';
}

/** The error of a run that ended before its claim succeeded. */
function unclaimed(execution: Execution, pipeline: string): Error {
  if (execution.status !== 'ABORTED') return new Error(`the claim returned nothing: ${failureText(execution)}`);
  const message = 'the run was stopped before it claimed any input; nothing has changed';
  return new MillraceError([
    { code: 'MR528', path: pipeline, message, hint: `run \`millrace run ${pipeline}\` again` },
  ]);
}

const failureText = (execution: Execution) =>
  execution.status === 'FAILED' ? `${execution.error}: ${execution.cause}` : 'the run was stopped';

function issuesOf(
  status: RunDocument['status'],
  { issues, refused, verdicts }: RunProgress,
  execution: Execution,
  logs: string,
): Issue[] {
  if (status === 'held' && execution.status === 'FAILED')
    return [heldIssue(execution.cause, verdicts, 'read the report')];
  if (status !== 'failed' || issues.length > 0) return [...issues];
  if (refused !== undefined) return [...refused.issues];
  return [
    { code: 'MR509', path: logs, message: failureText(execution), hint: 'run again: it continues where it stopped' },
  ];
}
