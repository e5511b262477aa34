import { type Ports, type ResourceCall, StatesError } from '../asl/interpreter/index.ts';
import type { Json } from '../asl/machine.ts';
import { type Claimed, type ClaimRequest, claim } from '../bookmarks/claim.ts';
import type { Peeked } from '../bookmarks/peek.ts';
import type { BookmarkPorts } from '../bookmarks/ports.ts';
import { abort, commit, type Settled, type SettleRequest } from '../bookmarks/release.ts';
import { computeKinds } from '../compute/compute.ts';
import { integration } from '../compute/integration.ts';
import { issuesIn, lineOf } from '../documents/issue-line.ts';
import type { TaskResult } from '../documents/run-document.ts';
import { resultOf, type TaskOutcome, unchangedTasks } from '../documents/task-outcome.ts';
import { type Issue, MillraceError } from '../errors.ts';
import { judge, type QualityRequest, type Verdict } from '../gate/gate.ts';
import { thisProcess } from './bookmark-ports.ts';
import { type EngineEvent, runEngine } from './engine.ts';
import type { Clock } from './events.ts';
import { qualityFiles } from './gate-ports.ts';
import { placed } from './issue-positions.ts';
import { lackedPackage } from './python.ts';
import type { RunOptions } from './run-options.ts';
import { endedByFullDisk, systemFault } from './system-faults.ts';

/** The progress of a run. */
export interface RunProgress {
  /** The result of the claim. */
  claim?: { claimed: Claimed; peeked: Peeked };
  /** The error of the claim. */
  refused?: MillraceError;
  /** An error in this program; the state machine only has its text. */
  unexpected?: unknown;
  tasks: TaskResult[];
  /** Failed tasks. */
  failed: string[];
  models: NonNullable<TaskOutcome['model']>[];
  /** Tasks that found nothing to do, with the reason. */
  unchanged: { task: string; why: string }[];
  verdicts: Verdict[];
  issues: Issue[];
}

interface LocalRun {
  options: RunOptions;
  run: string;
  bookmarks: BookmarkPorts;
  progress: RunProgress;
  clock: Clock;
  /** Whether the engine must analyse the SQL before it reads data. */
  check: boolean;
  whenChecked: () => Promise<void>;
  whenClaimed: (peeked: Peeked) => void;
}

/** Maximum length of a failure's cause in the state machine. */
const mostCharacters = 20_000;

const names: Record<string, string> = {
  Partition: 'aws',
  Environment: 'laptop',
  QualityFunction: 'quality',
  BookmarksFunction: 'bookmarks',
  ...Object.assign({}, ...Object.values(computeKinds).map(({ laptop }) => laptop.names)),
};

/** The text with its `${Substitutions}` replaced by local values. */
const localText = (text: string) => text.replace(/\$\{(\w+)\}/g, (whole, name: string) => names[name] ?? whole);

const lambda = localText(integration('lambda:invoke'));

/** Task resource -> local substitute. */
const standIns = new Map(
  Object.values(computeKinds).flatMap(({ laptop }) =>
    Object.entries(laptop.calls).map(([resource, standIn]) => [localText(resource), standIn] as const),
  ),
);

/** The document with its `${Substitutions}` replaced by local values. */
export const substituted = (machine: unknown): unknown => JSON.parse(localText(JSON.stringify(machine)));

/** The resources of the state machine's Tasks on this machine: compute starts the engine, Lambda calls the function's logic. */
export function localPorts(local: LocalRun): Ports {
  const { emit } = local.options;
  return {
    invoke: (call) => {
      if (call.resource === lambda) return invokeFunction(local, call);
      const standIn = standIns.get(call.resource)?.(call.arguments);
      if (standIn === undefined) throw new StatesError('States.Runtime', `this machine has no ${call.resource}`);
      return 'engine' in standIn ? runStage(local, call, standIn.engine) : Promise.resolve({ ...standIn.answer });
    },
    clock: { now: () => new Date(), sleep },
    random: Math.random,
    onEvent: (event) => {
      if (event.type === 'retried')
        emit({ type: 'retry', state: event.state, attempt: event.attempt, error: event.error });
    },
  };
}

async function runStage(local: LocalRun, call: ResourceCall, given: readonly string[]): Promise<Json> {
  const { options, run, progress, clock } = local;
  const stage = given[given.indexOf('--stage') + 1]!;
  const log = options.root.runLog(options.plan.pipeline, run, stage);
  const args = [...given, ...(local.check ? ['--check'] : [])];
  const exit = await runEngine(options.engine, args, log, (event) => heard(local, event), call.signal);
  clock.lap(`stage ${stage}`);
  if (exit.code === 0) return { JobRunState: 'SUCCEEDED' };
  // If the engine ended before it printed an event, its issues are in the last line.
  if (progress.issues.length === 0) progress.issues.push(...issuesIn(exit.tail).map(({ task: _, ...issue }) => issue));
  if (progress.issues.length > 0) throw new StatesError('Millrace.Fault', lineOf(progress.issues, mostCharacters));
  if (endedByFullDisk(exit.tail)) {
    const hint = 'free some space and run again; published tables are unchanged';
    progress.issues.push({ code: 'MR501', path: options.root.folder, message: 'the disk is full', hint });
    throw new StatesError('Millrace.Fault', 'the disk is full');
  }
  const how = exit.signal === null ? `with exit code ${exit.code}` : `by ${exit.signal}`;
  const last = exit.tail.trim().split('\n').at(-1) ?? '';
  const lacks = lackedPackage(options.engine, last);
  if (lacks !== undefined) {
    progress.issues.push(lacks);
    throw new StatesError('Millrace.Fault', lacks.message);
  }
  throw new StatesError('States.TaskFailed', `the engine ended ${how} in stage ${stage} (${log}): ${last}`);
}

async function heard(local: LocalRun, event: EngineEvent): Promise<void> {
  const { options, progress, clock } = local;
  switch (event.event) {
    case 'stage.start':
      clock.lap(`engine start (${event.stage})`);
      return;
    case 'task.start':
      options.emit({ type: 'task.start', task: event.task });
      return;
    case 'task.done':
      return taskDone(local, event);
    case 'task.failed':
      progress.issues.push(...event.issues);
      progress.failed.push(event.task);
      options.emit({ type: 'task.failed', task: event.task, issues: event.issues });
      return;
    case 'check.done':
      local.check = false;
      if (event.issues.length === 0) await local.whenChecked();
      progress.issues.push(...(await placed(event.issues, options.plan)));
      clock.lap('check');
      return;
    default:
      return event satisfies never;
  }
}

function taskDone({ options, progress }: LocalRun, event: TaskOutcome & { event: 'task.done' }): void {
  if ([...progress.tasks, ...progress.unchanged].some((known) => known.task === event.task)) return;
  const task = options.plan.tasks.find((entry) => entry.name === event.task)!;
  const { event: _, ...reported } = event;
  const result = resultOf(task, reported);
  if (reported.unchanged === undefined) progress.tasks.push(result);
  else progress.unchanged.push(...unchangedTasks([reported]));
  if (reported.model !== undefined) progress.models.push(reported.model);
  options.emit({ type: 'task.done', result });
}

async function invokeFunction(local: LocalRun, call: ResourceCall): Promise<Json> {
  const { FunctionName, Payload } = call.arguments as { FunctionName: string; Payload: unknown };
  switch (FunctionName) {
    case 'quality':
      return { StatusCode: 200, Payload: (await askGate(local, Payload as QualityRequest)) as unknown as Json };
    case 'bookmarks':
      return {
        StatusCode: 200,
        Payload: (await callBookmarks(local, Payload as BookmarksRequest)) as unknown as Json,
      };
    default:
      throw new StatesError('Lambda.ResourceNotFoundException', FunctionName);
  }
}

async function askGate({ options, progress }: LocalRun, request: QualityRequest): Promise<Verdict> {
  const verdict = await judge(request, qualityFiles(options.root, request.pipeline)).catch((error: unknown) => {
    throw refused(progress, error);
  });
  progress.verdicts.push(verdict);
  options.emit({ type: 'verdict', ...verdict });
  return verdict;
}

/** Stores the error of a function for the end of the run, and returns it in a form that the state machine does not retry. */
function refused(progress: RunProgress, error: unknown): unknown {
  const fault = error instanceof MillraceError ? error : systemFault(error);
  if (fault === undefined) {
    progress.unexpected = error;
    return error;
  }
  progress.refused = fault;
  return new StatesError('Millrace.Fault', lineOf(fault.issues, mostCharacters));
}

type BookmarksRequest = ({ action: 'claim' } & ClaimRequest) | ({ action: 'commit' | 'abort' } & SettleRequest);

async function callBookmarks(local: LocalRun, request: BookmarksRequest): Promise<Claimed | Settled> {
  const { bookmarks, progress } = local;
  try {
    if (request.action !== 'claim') return await (request.action === 'commit' ? commit : abort)(request, bookmarks);
    progress.claim = await claim({ ...request, holder: thisProcess() }, bookmarks);
    local.whenClaimed(progress.claim.peeked);
    return progress.claim.claimed;
  } catch (error) {
    throw refused(progress, error);
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
